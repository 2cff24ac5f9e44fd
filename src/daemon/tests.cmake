# SPDX-License-Identifier: GPL-2.0-or-later
add_executable(daemon_test config_test.cpp
               event_report_test.cpp hook_test.cpp metrics_test.cpp)
target_compile_definitions(daemon_test
                           PRIVATE PKNOCKD_TOML="${CMAKE_CURRENT_SOURCE_DIR}/pknockd.toml")
target_link_libraries(daemon_test PRIVATE pknockd_core portknocko_test_main)
add_test(NAME daemon COMMAND daemon_test)

add_executable(daemon_set_test set_test.cpp)
target_link_libraries(daemon_set_test PRIVATE pknockd_core portknocko_test_main)
add_test(NAME daemon-sets COMMAND unshare --map-root-user --net --
                                  $<TARGET_FILE:daemon_set_test>)

find_program(SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
add_test(
  NAME daemon-program
  COMMAND
    unshare --map-root-user --net -- sh -c
    "ip link set lo up && exec ${SYSTEM_PYTHON} -B -m unittest --quiet test_pknockd"
  WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/test)
set_tests_properties(daemon-program PROPERTIES ENVIRONMENT "PKNOCKD=$<TARGET_FILE:pknockd>" TIMEOUT
                                               120)

add_test(
  NAME daemon-service
  COMMAND ${SYSTEM_PYTHON} -B -m unittest --quiet test_service
  WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/test)
set_tests_properties(
  daemon-service
  PROPERTIES
    ENVIRONMENT
    "UNIT=${CMAKE_CURRENT_BINARY_DIR}/pknockd.service;PROFILE=${CMAKE_CURRENT_BINARY_DIR}/usr.sbin.pknockd"
)
