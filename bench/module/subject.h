/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is measured: a match or a target, whichever module has it, set up as
 * x_tables does for a rule.
 */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/**
 * struct bench_subject - a match or target that is ready for packets
 * @net:	whose rule it is
 * @family:	NFPROTO_IPV4 or NFPROTO_IPV6
 * @is_target:	which of the two
 * @match:	held; NULL if there is none
 * @target:	likewise
 * @info:	what its module knows of the rule
 * @entry:	the rule's -p
 */
struct bench_subject {
	struct net *net;
	u8 family;
	bool is_target;
	struct xt_match *match;
	struct xt_target *target;
	void *info;
	union {
		struct ipt_ip ip;
		struct ip6t_ip6 ip6;
	} entry;
};

/**
 * struct bench_rule - how userspace describes a subject
 * @family:	NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol:	the rule's -p, 0 for none
 * @is_target:	a target, not a match
 * @name:	of the match or target
 * @revision:	of it
 * @info:	what iptables handed to the kernel
 * @info_len:	its size
 */
struct bench_rule {
	u8 family;
	u8 protocol;
	bool is_target;
	const char *name;
	u8 revision;
	const u8 *info;
	size_t info_len;
};

int bench_subject_init(struct bench_subject *subject,
		       const struct bench_rule *rule);
void bench_subject_release(struct bench_subject *subject);

static inline bool bench_subject_ready(const struct bench_subject *subject)
{
	return subject->info;
}

#endif
