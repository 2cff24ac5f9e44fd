/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * xt_pknock: the layout that iptables and the kernel share, revision 2
 *
 * A rule is of one of two kinds:
 *
 *   knock rule   --knockports P[,P...]   sees knocks, opens the door, and
 *                                        matches what comes from an open source
 *     sequence   1 to 15 ports, in order [--time] [--strict] [--max-peers]
 *     SPA v1     1 UDP port and          --opensecret --closesecret [--skew]
 *     both       how long a door stays open: --autoclose or --ttl
 *   check rule   --checkip               matches what comes from an open source
 *
 * Both kinds take --name (which door), --mask (how much of the source's address
 * counts) and --once (the first packet matched closes the door).
 *
 * Integers are in host byte order. Userspace zeroes what it does not set, and
 * the kernel refuses (EINVAL) unknown flags, a field whose flag is not set, and
 * every combination that iptables refuses.
 */
#ifndef _UAPI_XT_PKNOCK_H
#define _UAPI_XT_PKNOCK_H

#include <linux/types.h>

#define XT_PKNOCK_REVISION 2

#define XT_PKNOCK_NAME_SIZE 32	  /* bytes, with the terminating NUL */
#define XT_PKNOCK_SECRET_SIZE 128 /* bytes, with the terminating NUL */
#define XT_PKNOCK_PORTS_MAX 15
#define XT_PKNOCK_SKEW_MAX 5 /* minutes */

#define XT_PKNOCK_TIME_DEFAULT 60 /* seconds */
#define XT_PKNOCK_SKEW_DEFAULT 1  /* minutes */
#define XT_PKNOCK_MAX_PEERS_DEFAULT 65536

/* What the admin wrote: one bit an option, numbered for libxtables. */
enum xt_pknock_option {
	XT_PKNOCK_OPT_NAME,
	XT_PKNOCK_OPT_KNOCKPORTS,
	XT_PKNOCK_OPT_CHECKIP,
	XT_PKNOCK_OPT_TIME,
	XT_PKNOCK_OPT_STRICT,
	XT_PKNOCK_OPT_AUTOCLOSE,
	XT_PKNOCK_OPT_TTL,
	XT_PKNOCK_OPT_OPENSECRET,
	XT_PKNOCK_OPT_CLOSESECRET,
	XT_PKNOCK_OPT_SKEW,
	XT_PKNOCK_OPT_MASK,
	XT_PKNOCK_OPT_ONCE,
	XT_PKNOCK_OPT_MAX_PEERS,
	__XT_PKNOCK_OPT_END,
};

#define XT_PKNOCK_F(option) (1U << XT_PKNOCK_OPT_##option)
#define XT_PKNOCK_F_ALL ((1U << __XT_PKNOCK_OPT_END) - 1)

/**
 * struct xt_pknock_port - one step of the sequence
 * @port:	1 to 65535
 * @protocol:	IPPROTO_TCP or IPPROTO_UDP as written before the port
 *		("udp/2001"); 0 where the rule's -p decides
 * @reserved:	0
 */
struct xt_pknock_port {
	__u16 port;
	__u8 protocol;
	__u8 reserved;
};

/**
 * struct xt_pknock_mtinfo2 - a rule
 * @name:	the door: 1 to 31 of [A-Za-z0-9_.-], neither "." nor ".."
 * @flags:	XT_PKNOCK_F(...) of every option that was written
 * @time:	seconds between two knocks, at the most; 1 and up
 * @ttl:	seconds that the door stays open, 0 = for ever; with AUTOCLOSE a
 *		multiple of 60
 * @max_peers:	half-open peers of the door, at the most; 1 and up
 * @mask:	leading bits of the source that count: 1 to 32, in IPv6 to 128
 * @skew:	minutes that a token may be early or late, 0 to 5
 * @port_count:	how many of @ports are used
 * @reserved:	0
 * @ports:	the sequence
 * @opensecret:	NUL-terminated, 1 to 127 bytes
 * @closesecret: the same, and another value
 * @rule:	the kernel's own; what userspace writes here is not read, and it
 *		never comes back (.usersize ends before it)
 */
struct xt_pknock_mtinfo2 {
	char name[XT_PKNOCK_NAME_SIZE];
	__u32 flags;
	__u32 time;
	__u32 ttl;
	__u32 max_peers;
	__u8 mask;
	__u8 skew;
	__u8 port_count;
	__u8 reserved;
	struct xt_pknock_port ports[XT_PKNOCK_PORTS_MAX];
	char opensecret[XT_PKNOCK_SECRET_SIZE];
	char closesecret[XT_PKNOCK_SECRET_SIZE];
	__aligned_u64 rule;
};

#endif
