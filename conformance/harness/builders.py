# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes the .debs in a release's root: scripts from /src to /src/build/packages.

Debug symbols have the suffix of CPack's, ddeb, so that *.deb is what people install.
"""

# Of the source package; /src is packaging/.
DEPENDENCIES = "apt-get build-dep -y --build-profiles nocheck /src"

CPACK = """
cd /src
cmake --preset package
cmake --build --preset package
"""
# dpkg-buildpackage writes beside the tree. Unit tests are not in the snapshot of the sources.
DPKG_BUILDPACKAGE = """
cp -R /src /tmp/portknocko
cd /tmp/portknocko
packaging/debian/prepare
DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage --build=binary --build-profiles=nocheck --no-sign
mkdir -p /src/build/packages
for symbols in ../*-dbgsym_*.deb; do
    mv "$symbols" "${symbols%.deb}.ddeb"
done
cp ../*.*deb /src/build/packages
"""
SCRIPTS = {"cpack": CPACK, "dpkg-buildpackage": DPKG_BUILDPACKAGE}
