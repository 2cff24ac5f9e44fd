# SPDX-License-Identifier: GPL-2.0-or-later
# Run by cpack when it has packed.
foreach(package IN LISTS CPACK_PACKAGE_FILES)
  if(package MATCHES "\\.d?deb$")
    execute_process(COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/repack.sh ${package}
                    COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()
