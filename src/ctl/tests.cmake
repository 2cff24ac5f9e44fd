# SPDX-License-Identifier: GPL-2.0-or-later
find_package(doctest REQUIRED)

add_executable(ctl_test ${PROJECT_SOURCE_DIR}/src/common/test_main.cpp duration_test.cpp
                        view_test.cpp)
target_link_libraries(ctl_test PRIVATE pknockctl_core doctest::doctest)
add_test(NAME ctl COMMAND ctl_test)
