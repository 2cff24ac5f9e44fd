# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings are errors, for every target of this project.
add_compile_options(-Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wundef -Werror)
add_compile_options($<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
