# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a package goes through, step by step. /src/life gets two files for each: NAME.log, what was
# said, with the status in the last line; NAME.state, what of ours there is afterwards. At the end
# the packages are installed. Repositories are copied from /src to /srv.
set -e
kernel=$(ls /lib/modules)
compiler=$(realpath /usr/bin/gcc)
mkdir /src/life
cp -r /src/current /src/next /src/shims /srv

mkdir -p /etc/yum.repos.d
cat >/etc/yum.repos.d/portknocko.repo <<END
[current]
name=The packages under test
baseurl=file:///srv/current
gpgcheck=0
[next]
name=Their next version
baseurl=file:///srv/next
gpgcheck=0
enabled=0
[shims]
name=What Debian has
baseurl=file:///srv/shims
gpgcheck=0
END

# The plugin is where iptables of the .rpm world looks for it, which Debian's does not.
ln -s /usr/lib64/xtables/libxt_pknock.so /usr/lib/x86_64-linux-gnu/xtables/

state() {
    dkms status -m portknocko
    find /lib/modules /usr/src /var/lib/dkms ! -type d \
        \( -name 'xt_pknock*' -o -path '*/portknocko*/*.c' -o -path '*/portknocko*/source' \) | sort
}

step() {
    name=$1
    shift
    status=0
    "$@" >"/src/life/$name.log" 2>&1 || status=$?
    echo "status $status" >>"/src/life/$name.log"
    state >"/src/life/$name.state" 2>&1
}

dnf_yes() {
    dnf --assumeyes --setopt=keepcache=1 "$@"
}

step install dnf_yes install portknocko portknocko-client portknocko-dkms
step conflict dnf_yes install xtables-addons
step reinstall dnf_yes reinstall portknocko-dkms
step upgrade dnf_yes --enablerepo=next upgrade
step downgrade dnf_yes --enablerepo=next downgrade portknocko portknocko-client portknocko-dkms

mv "$compiler" "$compiler.aside"
step no-compiler dnf_yes reinstall portknocko-dkms
mv "$compiler.aside" "$compiler"

mv "/lib/modules/$kernel/build" /root/build
step no-headers dnf_yes reinstall portknocko-dkms
mv /root/build "/lib/modules/$kernel/build"

step remove dnf_yes remove portknocko portknocko-client portknocko-dkms
step last dnf_yes install portknocko portknocko-client portknocko-dkms
