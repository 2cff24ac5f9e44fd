# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes the .debs in a release's root: scripts from /src to /src/build/packages.

Debug symbols have the suffix of CPack's, ddeb, so that *.deb is what people install.
"""

# Of the source package; /src is packaging/.
DEPENDENCIES = "apt-get build-dep -y --build-profiles nocheck /src"

_CPACK = """
cmake --preset package
cmake --build --preset package
"""
# dpkg-buildpackage writes beside the tree. Unit tests are not in the snapshot of the sources.
_DPKG_BUILDPACKAGE = """
packaging/debian/prepare
DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage --build=binary --build-profiles=nocheck --no-sign
mkdir -p build/packages
for symbols in ../*-dbgsym_*.deb; do
    mv "$symbols" "${symbols%.deb}.ddeb"
done
mv ../*.*deb build/packages
"""
_COPY = """
mkdir "/tmp/$PLACE"
cp -R /src "/tmp/$PLACE/portknocko"
cd "/tmp/$PLACE/portknocko"
"""
# Somebody else's habits, in another folder, on the other side of the world; compiled there.
_ELSEWHERE = """
umask 077
export CCACHE_DISABLE=1 PLACE=elsewhere HOME=/nowhere TZ=Pacific/Kiritimati LC_ALL=POSIX
"""
_RESULT = """
mkdir -p /src/build/packages
cp build/packages/*.*deb /src/build/packages
"""

SCRIPTS = {
    "cpack": f"cd /src\n{_CPACK}",
    "cpack-elsewhere": f"{_ELSEWHERE}\n{_COPY}\n{_CPACK}\n{_RESULT}",
    "dpkg-buildpackage": f"export PLACE=here\n{_COPY}\n{_DPKG_BUILDPACKAGE}\n{_RESULT}",
}
