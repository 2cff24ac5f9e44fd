# SPDX-License-Identifier: GPL-2.0-or-later
find_program(SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
set(spa_v1_vectors ${PROJECT_SOURCE_DIR}/conformance/vectors/spa-v1.json)

add_executable(
  client_test hmac_test.cpp knock_test.cpp options_test.cpp report_test.cpp spa_v1_test.cpp)
target_compile_definitions(client_test PRIVATE SPA_V1_VECTORS="${spa_v1_vectors}")
target_link_libraries(client_test PRIVATE pknock_core portknocko_test_main
                                          nlohmann_json::nlohmann_json)
add_test(NAME client COMMAND client_test)

# The vectors against an implementation that shares nothing with ours.
add_test(NAME spa-v1-vectors
         COMMAND ${SYSTEM_PYTHON} ${PROJECT_SOURCE_DIR}/conformance/vectors/check_spa_v1.py
                 ${spa_v1_vectors})

# In a network of their own: they look at each packet, and nothing that they send gets out.
add_test(
  NAME client-wire
  COMMAND
    unshare --map-root-user --net -- sh -c
    "ip link set lo up && exec ${SYSTEM_PYTHON} -B -m unittest --quiet test_cli test_wire"
  WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/test)
set_tests_properties(client-wire PROPERTIES ENVIRONMENT "PKNOCK=$<TARGET_FILE:pknock>" TIMEOUT 120)
