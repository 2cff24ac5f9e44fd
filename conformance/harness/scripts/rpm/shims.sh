# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the repository build/shims: a package without files that provides, in rpm's words, what is
# installed here by dpkg; and one that the project's packages conflict with.
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
$(dpkg-query --show --showformat='Provides: ${Package} = ${Version}\n' dkms gcc iptables make)
$(for library in c.so.6 gcc_s.so.1 stdc++.so.6 bsd.so.0 crypto.so.3 xtables.so.12 \
    mnl.so.0 ncursesw.so.6 netfilter_conntrack.so.3 tinfo.so.6; do
    # As rpm itself reads sonames and versions of symbols out of libraries.
    /usr/lib/rpm/elfdeps --provides "/lib/x86_64-linux-gnu/lib$library" | sed 's/^/Provides: /'
done)
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
