# SPDX-License-Identifier: GPL-2.0-or-later
# Run by cpack on the staged trees, one for each component.

# As Debian's policy has them: packed with gzip, without name and date.
file(GLOB docs ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/man/man?/*.[1-9]
     ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/*/changelog)
execute_process(COMMAND gzip -9n ${docs} COMMAND_ERROR_IS_FATAL ANY)

# Not an install rule, since they are for Debian's kernel packages alone.
foreach(event IN ITEMS postinst header_postinst)
  configure_file(
    ${CMAKE_CURRENT_LIST_DIR}/kernel-hook
    ${CPACK_TEMPORARY_DIRECTORY}/dkms/etc/kernel/${event}.d/portknocko-dkms COPYONLY)
endforeach()

# Directories were made with the umask of whoever builds.
file(GLOB trees ${CPACK_TEMPORARY_DIRECTORY}/*)
file(CHMOD_RECURSE ${trees} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
                                                  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# A package of an earlier version must not stay beside the new ones.
file(GLOB former ${CPACK_OUTPUT_FILE_PREFIX}/${CPACK_PACKAGE_NAME}*deb)
foreach(package IN LISTS former)
  file(REMOVE ${package})
endforeach()
