#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Has dpkg-deb pack a package again that CPack has packed, so that the same sources give the same
# bytes. CPack lets in the builder's umask (modes of the archive's members and of debug symbols),
# the place of the build (md5sums of debug symbols) and its file system (Installed-Size).
#
#   repack.sh PACKAGE
set -eu

package=$1
umask 022
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dpkg-deb --raw-extract "$package" "$scratch/root"
cd "$scratch/root"
chmod -R u=rwX,go=rX .

# What few download is not worth half a minute: a fifth of the time for a seventh more bytes. Its
# changelog and licence are those of the package that it depends on, as with debhelper.
case $package in
*.ddeb)
    name=$(sed -n 's/^Package: //p' DEBIAN/control)
    mkdir -p usr/share/doc
    ln -s "${name%-dbgsym}" "usr/share/doc/$name"
    set -- -z1
    ;;
*) set -- ;;
esac

find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums
# As dpkg-gencontrol counts: files in whole KiB, all else as one.
size=$(find usr -printf '%y %s\n' |
    awk '{ sum += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print sum }')
sed -i "s/^Installed-Size: .*/Installed-Size: $size/" DEBIAN/control
dpkg-deb "$@" --root-owner-group --build . "$package" >/dev/null
