/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sources that are part way through a door's sequence.
 *
 * Anyone can fill this table with spoofed first knocks, so it is capped and a
 * newcomer evicts: someone who is too late, or the oldest of those that have
 * come least far, found without a search. It is kept apart from the open doors,
 * which no flood can touch.
 */
#ifndef PKNOCK_HALF_OPEN_H
#define PKNOCK_HALF_OPEN_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include "knock.h"
#include "source.h"
#include "table.h"

/* Progress counts only for the sequence that it was made on (M13). */
struct pknock_half_key {
	u32 sequence;
	struct pknock_source source;
};

/**
 * struct pknock_half_peer - a source's progress on one sequence
 * @key:	never changes
 * @age:	in the list of its level, oldest first, until it is removed
 * @rcu:	after that: readers may still hold the peer
 * @progress:	under the table's lock
 */
struct pknock_half_peer {
	struct pknock_half_key key;
	union {
		struct list_head age;
		struct rcu_head rcu;
	};
	struct pknock_progress progress;
};

struct pknock_half_table {
	struct pknock_table hash;
	spinlock_t lock; /* everything here, and the peers' fields */
	struct list_head levels[XT_PKNOCK_PORTS_MAX]; /* by knocks accepted */
};

#define PKNOCK_EVICTIONS_MAX 2

/**
 * struct pknock_half_outcome - what a knock did
 * @completed:	the sequence
 * @evicted:	how many had to make room who could still have gone on
 * @victims:	them
 */
struct pknock_half_outcome {
	bool completed;
	unsigned int evicted;
	struct pknock_source victims[PKNOCK_EVICTIONS_MAX];
};

int pknock_half_cache_init(void);
void pknock_half_cache_exit(void);

void pknock_half_table_init(struct pknock_half_table *table);
void pknock_half_table_destroy(struct pknock_half_table *table);

void pknock_half_knock(struct pknock_half_table *table,
		       const struct pknock_source *source,
		       const struct pknock_sequence *sequence,
		       const struct pknock_knock *knock, unsigned int max_peers,
		       struct pknock_half_outcome *outcome);
void pknock_half_flush(struct pknock_half_table *table);
void pknock_half_table_collect(struct pknock_half_table *table, u64 now);

#endif
