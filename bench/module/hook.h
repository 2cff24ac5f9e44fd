/* SPDX-License-Identifier: GPL-2.0-only */
/* Shows packets to a subject as a hook does, and takes the time. */
#ifndef BENCH_HOOK_H
#define BENCH_HOOK_H

#include "packets.h"
#include "subject.h"

/**
 * struct bench_hook - where packets meet the subject
 * @subject:	what is measured
 * @packets:	what it is shown
 * @state:	the hook's, for @par
 * @par:	what x_tables tells the subject
 * @matched:	how many packets matched so far; of a target, how many it did
 *		not stop
 */
struct bench_hook {
	const struct bench_subject *subject;
	struct bench_packets *packets;
	struct nf_hook_state state;
	struct xt_action_param par;
	u64 matched;
};

void bench_hook_init(struct bench_hook *hook,
		     const struct bench_subject *subject,
		     struct bench_packets *packets);
u64 bench_hook_show(struct bench_hook *hook, u32 calls);

#endif
