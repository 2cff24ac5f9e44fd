#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Between two tests: whatever a test may have left goes, and the module with it. Prints what the
# kernel warned of since the last time.
#
# Every process costs the emulated guest 10 ms: the shell looks first, and starts none in vain.
set -e

nft flush ruleset

# Policies back to ACCEPT, neither rules nor chains of users. Only tables in use are listed: an
# unused one is not brought to life.
for family in ip ip6; do
    if [ -e /proc/net/${family}_tables_names ]; then
        saved=$(${family}tables-legacy-save)
        case $saved in *"
-A "* | *" DROP ["* | *" - ["*)
            echo "$saved" | sed -n -e '/^\*/p' -e '/^COMMIT/p' \
                -e 's/^:\([A-Z]*\) [A-Z]* .*/:\1 ACCEPT [0:0]/p' | ${family}tables-legacy-restore
            ;;
        esac
    fi
done
for namespace in /run/netns/*; do
    if [ -e "$namespace" ]; then
        ip -all netns delete
        break
    fi
done
tracked=/proc/sys/net/netfilter/nf_conntrack_count
if [ -e $tracked ] && read -r count <$tracked && [ "$count" -gt 0 ]; then
    conntrack --flush 2>/dev/null
fi

# A setup that waits to be confirmed, and what a client keeps.
if [ -e /run/pknockctl ]; then
    pkill -KILL -x pknockctl || :
    rm -r /run/pknockctl
fi
if [ -e /root/.config/pknock ]; then
    rm -r /root/.config/pknock
fi

# nftables lets go of a deleted rule a moment later.
module=/sys/module/xt_pknock
attempts=0
while [ -e $module ]; do
    if read -r users <$module/refcnt && [ "$users" -eq 0 ]; then
        rmmod xt_pknock
    elif [ $((attempts += 1)) -gt 500 ]; then
        echo "xt_pknock is in use, $users times" >&2
        exit 1
    else
        sleep 0.02
    fi
done
dmesg --read-clear --level=emerg,alert,crit,err,warn
