#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Network and services of the guest, run once through the agent. The environment has the addresses:
# GUEST4, GATEWAY4, GUEST6, GATEWAY6, ROUTER.
set -e

# The wire says nothing unasked: no router solicitations, no duplicate address detection, no
# retransmitted SYN-ACKs, no packets held back to be merged; and ICMP errors are not rationed.
sysctl -q -w net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.accept_dad=0 \
    net.ipv6.conf.eth0.accept_ra=0 net.ipv6.conf.eth0.accept_dad=0 \
    net.ipv6.conf.eth0.router_solicitations=0 net.ipv6.conf.eth0.mldv2_unsolicited_report_interval=0 \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 \
    net.ipv4.tcp_synack_retries=0 net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0
ethtool -K eth0 gro off

# The driver of a process's interface takes a lock while it is opened that its softirq takes, too, and
# leaves softirqs on: a mistake of its own, after which lockdep would look at nothing any more.
prove=/proc/sys/kernel/prove_locking
[ ! -e $prove ] || echo 0 >$prove
ip link set eth0 up
[ ! -e $prove ] || echo 1 >$prove

# nf_tables goes through lists of its own as lockdep says it should not: once for each place.
if [ -e $prove ]; then
    nft -f - <<END
add table inet lists
add set inet lists one { type ipv4_addr; }
add element inet lists one { 192.0.2.1 }
END
    nft flush set inet lists one
    nft delete table inet lists
fi

ip -batch - <<END
link set lo up
address add $GUEST4/32 dev eth0
neighbour replace $GATEWAY4 lladdr $ROUTER dev eth0 nud permanent
route add default via $GATEWAY4 dev eth0 onlink
address add $GUEST6/128 dev eth0
neighbour replace $GATEWAY6 lladdr $ROUTER dev eth0 nud permanent
route add default via $GATEWAY6 dev eth0 onlink
END

# The files by which a debug kernel is asked.
if [ -d /sys/kernel/debug ] && ! mountpoint -q /sys/kernel/debug; then
    mount -t debugfs debugfs /sys/kernel/debug
fi

# Something to protect, in both families: a banner on TCP port 22, an echo on UDP port 7.
echo 'portknocko conformance' >/run/banner
setsid socat TCP6-LISTEN:22,ipv6only=0,reuseaddr,fork,backlog=1024 OPEN:/run/banner,rdonly \
    >/dev/null 2>&1 &
setsid socat UDP6-RECVFROM:7,ipv6only=0,fork PIPE >/dev/null 2>&1 &
until ss -Hltn 'sport = :22' | grep -q . && ss -Hlun 'sport = :7' | grep -q .; do
    sleep 0.05
done

# What the kernel said while it booted is not about our module.
dmesg --clear
