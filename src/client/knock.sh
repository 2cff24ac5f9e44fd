#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Knocks with a one-time token, called as scripts for older knock clients call it. New scripts call
# pknock(1) itself: here the secret is an argument, which every user of the machine can read.
set -eu

usage() {
	cat >&2 <<-EOF
		usage: knock.sh SRC PORT SECRET [DST]
		       knock.sh SRC DST PORT SECRET
		SRC is the address that the server sees. Without DST the server is
		\$PKNOCK_HOST or, if that is not set, SRC itself.
	EOF
	exit 2
}

is_number() {
	case $1 in
	'' | *[!0-9]*) return 1 ;;
	esac
}

case $# in
3 | 4) source=$1 ;;
*) usage ;;
esac
if is_number "$2"; then
	port=$2 PKNOCK_SECRET=$3 host=${4:-${PKNOCK_HOST:-$source}}
elif [ $# -eq 4 ]; then
	host=$2 port=$3 PKNOCK_SECRET=$4
else
	usage
fi
export PKNOCK_SECRET

# Open or close is the secret's choice; to the server both are the same datagram.
exec pknock open --port "$port" --source "$source" -- "$host"
