#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Asks a kernel how much of compat/ it needs, and prints the answer as a header.
#
#   probe.sh DIRECTORY COMPILER [ARGUMENT...]    run by Kbuild, with all that it compiles with
#
# Each of probes/NAME.c has two forms: that of the newest kernel and, with PKNOCK_PROBE_FORMER, that
# of older ones. The first that compiles is the answer. If neither does, this is no kernel that we
# know how to build for, and the build ends here with the compiler's reasons.
set -eu

probes=$1/probes
shift

# compiles NAME FORMER COMPILER...: a probe asks whether something is there, not whether it is free
# of warnings. But to use what is not declared, or with other types, is only a warning to some.
compiles() {
	name=$1
	former=$2
	shift 2
	"$@" -DPKNOCK_PROBE -DPKNOCK_PROBE_FORMER="$former" -Wno-error \
		-Werror=implicit-function-declaration -Werror=incompatible-pointer-types \
		-Werror=int-conversion -fsyntax-only "$probes/$name.c"
}

fail() {
	echo "xt_pknock: $*" >&2
	exit 1
}

if ! compiles control 0 "$@" >&2; then
	fail "not even an empty module compiles here: are the kernel's headers complete," \
		"and is its compiler installed?"
fi

adapted=
echo "/* Made by probe.sh. */"
for path in "$probes"/*.c; do
	name=$(basename "$path" .c)
	if [ "$name" = control ]; then
		continue
	elif compiles "$name" 0 "$@" 2>/dev/null; then
		echo "#define PKNOCK_HAVE_$(echo "$name" | tr '[:lower:]' '[:upper:]')"
	elif compiles "$name" 1 "$@" 2>/dev/null; then
		adapted="$adapted${adapted:+ }$name"
	else
		compiles "$name" 0 "$@" >&2 || true
		fail "this kernel has $name neither as the newest kernel that we know nor as older" \
			"ones: look for a newer version of portknocko"
	fi
done
echo "#define PKNOCK_ADAPTED \"$adapted\""
