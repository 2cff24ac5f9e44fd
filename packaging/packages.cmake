# SPDX-License-Identifier: GPL-2.0-or-later
# Three packages from three install components:
#   dkms → portknocko-dkms    server → portknocko    client → portknocko-client
# This file holds what all formats share, debian.cmake and
# rpm.cmake the rest.
set(CPACK_COMPONENTS_ALL dkms server client)
set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR PortKnocko)
set(CPACK_PACKAGE_CONTACT "PortKnocko maintainers <maintainers@portknocko.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_VERBATIM_VARIABLES ON)

set(what_it_is
    "The netfilter match pknock opens a door in the firewall for the one address
that knocked: by connecting to secret ports in the right order, or by sending
one datagram that is authenticated with a keyed hash and works once.")

set(summary_dkms "port knocking inside netfilter - kernel module for DKMS")
set(description_dkms
    "${what_it_is}
.
This package holds the source of the kernel module xt_pknock. DKMS builds it
for every installed kernel whose headers are installed.")

set(summary_server "port knocking inside netfilter - iptables match")
set(description_server
    "${what_it_is}
.
This package holds the extension of iptables and ip6tables, for the rules;
pknockctl, which shows who may pass, lets people in and throws them out;
pknockd, which runs hooks and keeps nftables sets in step with doors; and the
manuals. The kernel module is in portknocko-dkms.")

set(summary_client "port knocking inside netfilter - knock client")
set(description_client
    "${what_it_is}
.
This package holds the command pknock, for the machine that wants to come in.
It needs no privileges there.")

# The parts of maintainer scripts that all formats share, without their first
# lines, which are for whoever reads the file.
foreach(part IN ITEMS install remove)
  set(script ${PROJECT_BINARY_DIR}/packaging/${part}.sh)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/dkms/${part}.sh.in ${script} @ONLY)
  string(TOUPPER DKMS_${part} variable)
  file(READ ${script} text)
  string(REGEX REPLACE "^#[^\n]*\n#[^\n]*\n(.*)$" "\\1" ${variable} "${text}")
endforeach()

# As they lie here, since they refer to each other.
install(
  FILES README.md
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/portknocko
  COMPONENT server)
install(
  DIRECTORY docs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/portknocko
  COMPONENT server)

include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/rpm.cmake)
include(CPack)
