# SPDX-License-Identifier: GPL-2.0-or-later
# What a service is made of besides its program. Under the prefix /usr, /etc is beside it: packages
# need it relative.
file(RELATIVE_PATH etc ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_SYSCONFDIR})
set(pknockd ${CMAKE_INSTALL_FULL_SBINDIR}/pknockd)

foreach(page IN ITEMS pknockd.8 pknockd.toml.5)
  configure_file(${page}.in ${page} @ONLY)
  string(REGEX MATCH "[0-9]$" section ${page})
  install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/${page}
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
    COMPONENT server)
endforeach()

configure_file(service/pknockd.service.in pknockd.service @ONLY)
install(
  FILES ${CMAKE_CURRENT_BINARY_DIR}/pknockd.service
  DESTINATION lib/systemd/system
  COMPONENT server)
install(
  FILES service/sysusers.conf
  DESTINATION lib/sysusers.d
  RENAME portknocko.conf
  COMPONENT server)

install(
  FILES pknockd.toml
  DESTINATION ${etc}/portknocko
  COMPONENT server)
install(
  DIRECTORY
  DESTINATION ${etc}/portknocko/hooks.d
  COMPONENT server)
configure_file(service/apparmor.in usr.sbin.pknockd @ONLY)
install(
  FILES ${CMAKE_CURRENT_BINARY_DIR}/usr.sbin.pknockd
  DESTINATION ${etc}/apparmor.d
  COMPONENT server)
