/* SPDX-License-Identifier: GPL-2.0-only */
/* Several CPUs show packets to one subject at the same time. */
#ifndef BENCH_TOGETHER_H
#define BENCH_TOGETHER_H

#include "packets.h"
#include "subject.h"

/**
 * struct bench_share - what one CPU did
 * @cpu:	which
 * @calls:	packets that it showed
 * @matched:	how many of them matched; of a target, how many it did not stop
 * @nanoseconds: how long it took
 */
struct bench_share {
	u32 cpu;
	u64 calls;
	u64 matched;
	u64 nanoseconds;
};

#define BENCH_CPUS_MAX 32

int bench_together(const struct bench_subject *subject,
		   const struct bench_packets *packets, u32 cpus,
		   u32 milliseconds, struct bench_share *shares);

#endif
