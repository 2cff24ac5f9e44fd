// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "session.h"

struct bench_session *bench_session_new(void)
{
	struct bench_session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	session->times = kvcalloc(BENCH_BATCHES_MAX, sizeof(*session->times),
				  GFP_KERNEL);
	if (!session->times) {
		kfree(session);
		return NULL;
	}
	mutex_init(&session->lock);
	return session;
}

void bench_session_free(struct bench_session *session)
{
	bench_packets_release(&session->packets);
	bench_subject_release(&session->subject);
	kvfree(session->times);
	kfree(session);
}

/* A session has one subject, once. Context: process, @session is locked. */
int bench_session_describe(struct bench_session *session,
			   const struct bench_rule *rule)
{
	int err;

	lockdep_assert_held(&session->lock);
	if (bench_subject_ready(&session->subject))
		return -EBUSY;
	err = bench_packets_init(&session->packets, rule->family);
	if (err)
		return err;
	err = bench_subject_init(&session->subject, rule);
	if (err) {
		bench_packets_release(&session->packets);
		memset(&session->packets, 0, sizeof(session->packets));
	}
	return err;
}

static u64 call_match(struct bench_session *session,
		      struct xt_action_param *par, u32 calls)
{
	const struct xt_match *match = session->subject.match;
	u64 matched = 0;

	while (calls--)
		matched += match->match(bench_packets_next(&session->packets),
					par);
	return matched;
}

static u64 call_target(struct bench_session *session,
		       struct xt_action_param *par, u32 calls)
{
	const struct xt_target *target = session->subject.target;
	u64 passed = 0;

	while (calls--)
		passed += target->target(bench_packets_next(&session->packets),
					 par) == XT_CONTINUE;
	return passed;
}

/* As in a hook: no softirq comes between, and RCU waits. */
static u64 run_batch(struct bench_session *session, struct xt_action_param *par,
		     u32 calls)
{
	u64 begin, end;

	local_bh_disable();
	rcu_read_lock();
	begin = ktime_get_ns();
	if (session->subject.is_target)
		session->matched += call_target(session, par, calls);
	else
		session->matched += call_match(session, par, calls);
	end = ktime_get_ns();
	rcu_read_unlock();
	local_bh_enable();
	return end - begin;
}

/**
 * bench_session_run - show packets to the subject, and time it
 * @session:	locked
 * @batches:	how many times are taken
 * @calls:	packets between two of them
 *
 * Packets and sources go on where the last run left off. What a subject leaves
 * to workqueues and RCU is done between batches, and in no batch's time.
 *
 * Context: process. Return: 0, or -EINTR with fewer batches.
 */
int bench_session_run(struct bench_session *session, u32 batches, u32 calls)
{
	const struct bench_subject *subject = &session->subject;
	struct nf_hook_state state = {
		.hook = NF_INET_LOCAL_IN,
		.pf = subject->family,
		.in = subject->net ? subject->net->loopback_dev : NULL,
		.net = subject->net,
	};
	struct xt_action_param par = {
		.state = &state,
		.thoff = session->packets.transport,
	};

	lockdep_assert_held(&session->lock);
	if (!bench_subject_ready(subject) || !session->packets.count ||
	    batches > BENCH_BATCHES_MAX)
		return -EINVAL;
	if (subject->is_target) {
		par.target = subject->target;
		par.targinfo = subject->info;
	} else {
		par.match = subject->match;
		par.matchinfo = subject->info;
	}
	session->matched = 0;
	session->batches = 0;
	while (session->batches < batches) {
		session->times[session->batches++] =
			run_batch(session, &par, calls);
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}
