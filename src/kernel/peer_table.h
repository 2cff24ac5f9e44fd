/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sources that a door is open for.
 *
 * Look-ups run under RCU and take no lock. A full table refuses newcomers: an
 * open door is never closed to make room.
 */
#ifndef PKNOCK_PEER_TABLE_H
#define PKNOCK_PEER_TABLE_H

#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include "source.h"

#define PKNOCK_NEVER U64_MAX

/**
 * struct pknock_peer - an open door's one source
 * @node:	in the table
 * @source:	key; never changes
 * @protocol:	of the knock that opened the door
 * @knocks:	how many it took
 * @expires:	nanoseconds since boot, or PKNOCK_NEVER; written under the
 *		table's lock, read without it
 * @rcu:	readers may still hold a peer that was removed
 */
struct pknock_peer {
	struct rhash_head node;
	struct pknock_source source;
	u8 protocol;
	u8 knocks;
	u64 expires;
	struct rcu_head rcu;
};

struct pknock_peer_table {
	spinlock_t lock; /* insertion and removal, @count, peers' fields */
	struct rhashtable hash;
	unsigned int count; /* written under the lock, read without it */
};

/**
 * struct pknock_grant - on which terms a door opens
 * @ttl:	nanoseconds, 0 = until somebody closes it
 * @protocol:	of the last knock
 * @knocks:	how many it took
 */
struct pknock_grant {
	u64 ttl;
	u8 protocol;
	u8 knocks;
};

/* The clock of all expiry: it counts while the machine is suspended too. */
static inline u64 pknock_now(void)
{
	return ktime_get_coarse_boottime_ns();
}

int pknock_peer_cache_init(void);
void pknock_peer_cache_exit(void);

int pknock_peer_table_init(struct pknock_peer_table *table);
void pknock_peer_table_destroy(struct pknock_peer_table *table);

bool pknock_peer_is_open(struct pknock_peer_table *table,
			 const struct pknock_source *source);
int pknock_peer_open(struct pknock_peer_table *table,
		     const struct pknock_source *source,
		     const struct pknock_grant *grant);
bool pknock_peer_close(struct pknock_peer_table *table,
		       const struct pknock_source *source);
void pknock_peer_table_collect(struct pknock_peer_table *table, u64 now);

#endif
