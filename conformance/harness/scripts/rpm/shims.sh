# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the repository build/shims: a package without files that provides, in rpm's words, what is
# installed here by dpkg, and systemd, which no test of .rpms starts; and one that the project's
# packages conflict with.
set -e
mkdir build/shims
cat >build/shims.spec <<END
Name: debian
Version: $(cat /etc/debian_version)
Release: 1
Summary: What Debian's own packages provide
License: GPL-2.0-or-later
BuildArch: noarch
Provides: /bin/sh
Provides: rtld(GNU_HASH)
Provides: systemd
$(dpkg-query --show --showformat='Provides: ${Package} = ${Version}\n' dkms gcc iptables make)
$(# As rpm itself reads sonames and versions of symbols out of libraries.
find /lib/x86_64-linux-gnu/ -maxdepth 1 -type f -name '*.so.*' | /usr/lib/rpm/elfdeps --provides |
    sort --unique | sed 's/^/Provides: /')
%description
%{summary}.
%files

%package -n xtables-addons
Summary: A plugin and a module of the same names as the project's
Provides: xtables-addons-kmod
%description -n xtables-addons
%{summary}.
%files -n xtables-addons
END
rpmbuild -bb --quiet --define "_rpmdir $PWD/build/shims" build/shims.spec
createrepo_c --quiet build/shims
