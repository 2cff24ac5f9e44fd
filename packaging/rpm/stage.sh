#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs a component into a build root, and prints its list of files for the spec file.
#
#   stage.sh CMAKE BUILD-DIRECTORY COMPONENT BUILD-ROOT XTABLES-DIRECTORY
set -eu

cmake=$1
build=$2
component=$3
build_root=$4
xtables=$5

tree=$PWD/$component.tree
rm -rf "$tree"
DESTDIR=$tree "$cmake" --install "$build" --prefix /usr --component "$component" >/dev/null

# Of Debian's own concern; the spec file has licences and documents in rpm's way.
rm -rf "$tree/usr/share/doc" "$tree/usr/share/lintian" "$tree/usr/libexec"

# The directory of iptables here; where the packages go it has another name.
for plugins in "$tree"/usr/lib*/xtables "$tree"/usr/lib/*/xtables; do
	if [ -d "$plugins" ] && [ "$plugins" != "$tree$xtables" ]; then
		mkdir -p "$tree$xtables"
		mv "$plugins"/* "$tree$xtables"
		rmdir -p --ignore-fail-on-non-empty "$plugins"
	fi
done
# zsh there looks elsewhere for what packages bring.
zsh=$tree/usr/share/zsh
if [ -d "$zsh/vendor-completions" ]; then
	mv "$zsh/vendor-completions" "$zsh/site-functions"
fi
# rpm takes debug information from executable files only.
find "$tree" -name '*.so' -exec chmod 755 {} +
find "$tree" -path '*/man/*' -type f -exec gzip -9n {} +

cp -a "$tree/." "$build_root"

# Directories that have the project's name are the package's own; what is in /etc, the admin's.
find "$tree" -type d -path "$tree/*/portknocko*" -printf '%%dir /%P\n' \
	-o -path "$tree/etc/*" -type f -printf '%%config(noreplace) /%P\n' \
	-o ! -type d -printf '/%P\n' | sort
