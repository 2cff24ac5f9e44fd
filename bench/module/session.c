// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "hook.h"
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
	struct bench_hook hook;

	lockdep_assert_held(&session->lock);
	if (!bench_subject_ready(&session->subject) ||
	    !session->packets.count || batches > BENCH_BATCHES_MAX)
		return -EINVAL;
	bench_hook_init(&hook, &session->subject, &session->packets);
	session->shared = 0;
	session->batches = 0;
	while (session->batches < batches) {
		session->times[session->batches++] =
			bench_hook_show(&hook, calls);
		session->matched = hook.matched;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/**
 * bench_session_share - show packets to the subject on several CPUs at once
 * @session:	locked
 * @cpus:	a bit for each
 * @milliseconds: how long
 *
 * Each CPU begins with its first source; the session's own stay where they are.
 *
 * Context: process. Return: 0 or an error.
 */
int bench_session_share(struct bench_session *session, u32 cpus,
			u32 milliseconds)
{
	int result;

	lockdep_assert_held(&session->lock);
	if (!bench_subject_ready(&session->subject) ||
	    !session->packets.count || !cpus ||
	    milliseconds > BENCH_MILLISECONDS_MAX)
		return -EINVAL;
	result = bench_together(&session->subject, &session->packets, cpus,
				milliseconds, session->shares);
	if (result < 0)
		return result;
	session->shared = result;
	return 0;
}
