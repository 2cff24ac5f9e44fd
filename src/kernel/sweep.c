// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "sweep.h"

#define SWEEP_BATCH 1024 /* entries between two chances to reschedule */

/* Each entry that is there all the time is visited once. Context: process. */
void pknock_sweep(const struct pknock_table *hash, pknock_visit_fn visit,
		  void *table, u64 now)
{
	struct pknock_table_walk walk = {};
	unsigned int left;
	void *entry;

	do {
		rcu_read_lock();
		for (left = SWEEP_BATCH; left; left--) {
			entry = pknock_table_next(hash, &walk);
			if (!entry)
				break;
			visit(table, entry, now);
		}
		rcu_read_unlock();
		cond_resched();
	} while (entry);
}
