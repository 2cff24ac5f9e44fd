# SPDX-License-Identifier: GPL-2.0-or-later
add_executable(ctl_test duration_test.cpp view_test.cpp)
target_link_libraries(ctl_test PRIVATE pknockctl_core portknocko_test_main
                                       nlohmann_json::nlohmann_json)
add_test(NAME ctl COMMAND ctl_test)

add_test(NAME ctl-completions COMMAND /usr/bin/python3 -B
                                      ${CMAKE_CURRENT_SOURCE_DIR}/test_completions.py)
set_tests_properties(ctl-completions PROPERTIES ENVIRONMENT
                                                "PKNOCKCTL=$<TARGET_FILE:pknockctl>")
