#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Between two tests: whatever a test may have left goes, and the module with it. The environment
# has the time: NOW.
set -e

# Policies back to ACCEPT, neither rules nor chains of users. Only tables in use are listed: an
# unused one is not brought to life.
for family in iptables ip6tables; do
    $family-legacy-save | sed -n -e '/^\*/p' -e '/^COMMIT/p' \
        -e 's/^:\([A-Z]*\) [A-Z]* .*/:\1 ACCEPT [0:0]/p' | $family-legacy-restore
done
nft flush ruleset
ip -all netns delete
if [ -e /proc/net/nf_conntrack ] || [ -e /proc/sys/net/netfilter/nf_conntrack_count ]; then
    conntrack --flush 2>/dev/null
fi
date --set="@$NOW" >/dev/null

# nftables lets go of a deleted rule a moment later.
attempts=0
while grep -q '^xt_pknock ' /proc/modules; do
    if rmmod xt_pknock 2>/run/rmmod; then
        break
    fi
    attempts=$((attempts + 1))
    if [ $attempts -eq 100 ]; then
        cat /run/rmmod
        exit 1
    fi
    sleep 0.1
done
