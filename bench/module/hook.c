// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include "hook.h"

/* @hook is not to be moved. Subject and packets must outlast it. */
void bench_hook_init(struct bench_hook *hook,
		     const struct bench_subject *subject,
		     struct bench_packets *packets)
{
	*hook = (struct bench_hook){
		.subject = subject,
		.packets = packets,
		.state.hook = NF_INET_LOCAL_IN,
		.state.pf = subject->family,
		.state.in = subject->net->loopback_dev,
		.state.net = subject->net,
		.par.state = &hook->state,
		.par.thoff = packets->transport,
	};
	if (subject->is_target) {
		hook->par.target = subject->target;
		hook->par.targinfo = subject->info;
	} else {
		hook->par.match = subject->match;
		hook->par.matchinfo = subject->info;
	}
}

static u64 call_match(struct bench_hook *hook, u32 calls)
{
	const struct xt_match *match = hook->subject->match;
	u64 matched = 0;

	while (calls--)
		matched += match->match(bench_packets_next(hook->packets),
					&hook->par);
	return matched;
}

static u64 call_target(struct bench_hook *hook, u32 calls)
{
	const struct xt_target *target = hook->subject->target;
	u64 passed = 0;

	while (calls--)
		passed += target->target(bench_packets_next(hook->packets),
					 &hook->par) == XT_CONTINUE;
	return passed;
}

/* No softirq comes between, and RCU waits. Return: nanoseconds. */
u64 bench_hook_show(struct bench_hook *hook, u32 calls)
{
	u64 begin, end;

	local_bh_disable();
	rcu_read_lock();
	begin = ktime_get_ns();
	if (hook->subject->is_target)
		hook->matched += call_target(hook, calls);
	else
		hook->matched += call_match(hook, calls);
	end = ktime_get_ns();
	rcu_read_unlock();
	local_bh_enable();
	return end - begin;
}
