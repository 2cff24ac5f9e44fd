/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A subject, its packets, and how long it took over them: what belongs to one
 * open file.
 */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include <linux/mutex.h>
#include "packets.h"
#include "subject.h"
#include "together.h"

#define BENCH_BATCHES_MAX 65536
#define BENCH_MILLISECONDS_MAX 10000

/**
 * struct bench_session - one open file
 * @lock:	everything below
 * @subject:	what is measured
 * @packets:	what it is shown
 * @matched:	how many packets matched in the last run; of a target, how many
 *		it did not stop
 * @batches:	how many batches the last run had
 * @times:	how long each took, in nanoseconds
 * @shared:	how many CPUs shared the last run; 0 if it was this one alone
 * @shares:	what each of them did
 */
struct bench_session {
	struct mutex lock;
	struct bench_subject subject;
	struct bench_packets packets;
	u64 matched;
	u32 batches;
	u64 *times;
	u32 shared;
	struct bench_share shares[BENCH_CPUS_MAX];
};

struct bench_session *bench_session_new(void);
void bench_session_free(struct bench_session *session);
int bench_session_describe(struct bench_session *session,
			   const struct bench_rule *rule);
int bench_session_run(struct bench_session *session, u32 batches, u32 calls);
int bench_session_share(struct bench_session *session, u32 cpus,
			u32 milliseconds);

#endif
