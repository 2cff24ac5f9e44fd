// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/sched.h>
#include "sweep.h"

#define SWEEP_BATCH 1024 /* entries between two chances to reschedule */

/*
 * An entry may be visited twice, or be missed until the next sweep, when the
 * table is resized meanwhile. Context: process.
 */
void pknock_sweep(struct rhashtable *hash, pknock_visit_fn visit, void *table,
		  u64 now)
{
	struct rhashtable_iter walk;
	unsigned int left;
	void *entry;

	rhashtable_walk_enter(hash, &walk);
	do {
		rhashtable_walk_start(&walk);
		for (left = SWEEP_BATCH; left; left--) {
			entry = rhashtable_walk_next(&walk);
			if (!entry)
				break;
			if (!IS_ERR(entry)) /* -EAGAIN: resized */
				visit(table, entry, now);
		}
		rhashtable_walk_stop(&walk);
		cond_resched();
	} while (entry);
	rhashtable_walk_exit(&walk);
}
