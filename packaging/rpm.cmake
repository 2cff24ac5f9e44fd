# SPDX-License-Identifier: GPL-2.0-or-later
# The .rpms: target "rpm" makes them beside the .debs, from the same build.
find_program(RPMBUILD rpmbuild)
find_program(EU_STRIP eu-strip) # with which rpmbuild makes debug packages
if(NOT RPMBUILD OR NOT EU_STRIP)
  message(STATUS "rpmbuild or eu-strip is not installed: no .rpms are made")
  add_custom_target(rpm)
  return()
endif()

set(rpm_source ${CMAKE_CURRENT_LIST_DIR}/rpm)
set(rpm_binary ${PROJECT_BINARY_DIR}/packaging/rpm)

# Debian writes summaries like the middle of a sentence, and a lone dot between paragraphs.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(SUBSTRING "${summary_${component}}" 0 1 initial)
  string(SUBSTRING "${summary_${component}}" 1 -1 rest)
  string(TOUPPER ${initial} initial)
  set(rpm_summary_${component} "${initial}${rest}")
  string(REPLACE "\n.\n" "\n\n" rpm_description_${component} "${description_${component}}")
endforeach()

foreach(part IN ITEMS install remove)
  string(TOUPPER DKMS_${part} variable)
  string(REPLACE "%" "%%" rpm_dkms_${part} "${${variable}}")
endforeach()

# "* what is new" up to " -- maintainer  Sun, 22 Nov 2026 12:00:00 +0000", the newest entry of
# Debian's changelog, is "* Sun Nov 22 2026 maintainer - version" and "- what is new" here.
file(READ ${PORTKNOCKO_CHANGELOG} changelog)
string(REGEX MATCH "\n -- ([^\n]*)  (...), +([0-9]+) (...) ([0-9]+)[^\n]*\n" signature
             "${changelog}")
set(rpm_changelog
    "* ${CMAKE_MATCH_2} ${CMAKE_MATCH_4} ${CMAKE_MATCH_3} ${CMAKE_MATCH_5} ${CMAKE_MATCH_1}")
string(APPEND rpm_changelog " - ${PROJECT_VERSION}-1")
string(FIND "${changelog}" "${signature}" end)
string(SUBSTRING "${changelog}" 0 ${end} changelog)
string(REGEX REPLACE "^[^\n]*\n\n(.*)$" "\n\\1" changelog "${changelog}")
string(REPLACE "\n  * " "\n- " changelog "${changelog}")
string(APPEND rpm_changelog "${changelog}")

configure_file(${rpm_source}/portknocko.spec.in ${rpm_binary}/portknocko.spec @ONLY)

if(CPACK_OUTPUT_FILE_PREFIX)
  set(rpm_destination ${CPACK_OUTPUT_FILE_PREFIX})
else()
  set(rpm_destination ${PROJECT_BINARY_DIR})
endif()
add_custom_target(
  rpm
  # A package of an earlier version must not stay beside the new ones.
  COMMAND ${CMAKE_COMMAND} -E make_directory ${rpm_destination}
  COMMAND find ${rpm_destination} -maxdepth 1 -name ${PROJECT_NAME}*.rpm -delete
  COMMAND ${RPMBUILD} -bb --quiet --define "_topdir ${rpm_binary}" --define
          "_rpmdir ${rpm_destination}" --define
          "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" ${rpm_binary}/portknocko.spec
  DEPENDS xt_pknock pknock pknockctl pknockd
  COMMENT "Making the .rpms"
  USES_TERMINAL VERBATIM)
