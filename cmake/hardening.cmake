# SPDX-License-Identifier: GPL-2.0-or-later
# What distributions compile packages with (dpkg-buildflags, redhat-rpm-config).
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_compile_options(
  -O2
  -g
  -fstack-protector-strong
  -fstack-clash-protection
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>
  -U_FORTIFY_SOURCE
  -D_FORTIFY_SOURCE=2)
add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
