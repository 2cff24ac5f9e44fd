# SPDX-License-Identifier: GPL-2.0-or-later
# The .debs: names, relations, and the files that Debian's policy asks for.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Of what repack.cmake packs again, as dpkg does by itself.
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)

set(CPACK_DEBIAN_DKMS_PACKAGE_NAME portknocko-dkms)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME portknocko)
set(CPACK_DEBIAN_CLIENT_PACKAGE_NAME portknocko-client)

set(CPACK_DEBIAN_DKMS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DKMS_PACKAGE_SECTION kernel)
set(CPACK_DEBIAN_DKMS_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DKMS_DEBUGINFO_PACKAGE OFF)
set(CPACK_DEBIAN_DKMS_PACKAGE_DEPENDS "dkms (>= 2.8)")
set(CPACK_DEBIAN_DKMS_PACKAGE_RECOMMENDS
    "linux-headers-generic | linux-headers-cloud-amd64 | linux-headers")
set(CPACK_DEBIAN_DKMS_PACKAGE_SUGGESTS portknocko)

set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS
    "iptables, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS portknocko-dkms)

# Both ship a module, or a plugin, of the same name. They offer much else that
# these packages do not, hence no Replaces and no Provides: to take them away is
# the admin's decision.
set(CPACK_DEBIAN_DKMS_PACKAGE_CONFLICTS xtables-addons-dkms)
set(CPACK_DEBIAN_SERVER_PACKAGE_CONFLICTS xtables-addons-common)

set(debian_source ${CMAKE_CURRENT_LIST_DIR}/debian)
set(debian_binary ${CMAKE_BINARY_DIR}/debian)
configure_file(${debian_source}/changelog.in ${debian_binary}/changelog @ONLY)
set(CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_EXTRA)
foreach(script IN ITEMS postinst prerm)
  configure_file(${debian_source}/dkms.${script}.in ${debian_binary}/${script} @ONLY)
  list(APPEND CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_EXTRA ${debian_binary}/${script})
endforeach()

# The hooks themselves are put in place by finish-tree.cmake.
file(WRITE ${debian_binary}/conffiles "/etc/kernel/header_postinst.d/portknocko-dkms
/etc/kernel/postinst.d/portknocko-dkms
")
list(APPEND CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_EXTRA ${debian_binary}/conffiles)
configure_file(${debian_source}/dkms.build-module.in ${debian_binary}/build-module @ONLY)
file(WRITE ${debian_binary}/server/conffiles "/etc/apparmor.d/usr.sbin.pknockd
/etc/portknocko/pknockd.toml
")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA ${debian_binary}/server/conffiles)
foreach(script IN ITEMS postinst prerm postrm)
  configure_file(${debian_source}/server/${script} ${debian_binary}/server/${script} COPYONLY)
  list(APPEND CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA ${debian_binary}/server/${script})
endforeach()

install(
  PROGRAMS ${debian_binary}/build-module
  DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/portknocko
  COMPONENT dkms)

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} COMPONENT)
  set(package ${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME})
  set(CPACK_DEBIAN_${COMPONENT}_DESCRIPTION "${summary_${component}}\n${description_${component}}")
  install(
    FILES ${debian_source}/copyright ${debian_binary}/changelog
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
    COMPONENT ${component})
endforeach()
install(
  FILES ${debian_source}/portknocko.lintian-overrides
  DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
  RENAME portknocko
  COMPONENT server)

set(PORTKNOCKO_CHANGELOG ${debian_binary}/changelog)
configure_file(${debian_source}/cpack-options.cmake.in ${debian_binary}/cpack-options.cmake @ONLY)
set(CPACK_PROJECT_CONFIG_FILE ${debian_binary}/cpack-options.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${debian_source}/finish-tree.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${debian_source}/repack.cmake)
