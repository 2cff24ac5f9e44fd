# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the checkout in /src, then a version that comes after it: build/debs of the first,
# build/current and build/next with the .rpms.
set -e
cd /src
cmake --preset package
cmake --build --preset package
mkdir build/debs build/current build/next
mv build/packages/*.deb build/debs
mv build/packages/*.rpm build/current

sed -i -E 's/^( *VERSION [0-9.]+)/\1.1/' CMakeLists.txt
cmake --preset package
cmake --build build/package --target rpm
mv build/packages/*.rpm build/next

createrepo_c --quiet build/current
createrepo_c --quiet build/next
