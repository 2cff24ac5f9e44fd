/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sources that a door is open for.
 *
 * Look-ups run under RCU and take no lock. A full table refuses newcomers: an
 * open door is never closed to make room.
 */
#ifndef PKNOCK_PEER_TABLE_H
#define PKNOCK_PEER_TABLE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/ktime.h>
#include "source.h"
#include "table.h"

#define PKNOCK_NEVER U64_MAX

/**
 * struct pknock_peer - an open door's one source
 * @source:	key; never changes. Its family is 0 in a cursor.
 * @origin:	enum pknock_origin
 * @protocol:	of the knock that opened the door, 0 if there was none
 * @knocks:	how many it took
 * @expires:	nanoseconds since boot, or PKNOCK_NEVER; like @protocol and @knocks,
 *		written under the table's lock, read without it
 * @order:	among the others, in the order in which they came, until it is
 *		removed
 * @rcu:	after that: readers may still hold the peer
 */
struct pknock_peer {
	struct pknock_source source;
	u8 origin;
	u8 protocol;
	u8 knocks;
	u64 expires;
	union {
		struct list_head order;
		struct rcu_head rcu;
	};
};

struct pknock_peer_table {
	struct pknock_table hash;
	spinlock_t lock; /* insertion and removal, all here, peers' fields */
	struct list_head order;
};

/**
 * struct pknock_peer_view - what a peer was like at a moment
 * @source, @origin, @protocol, @knocks, @expires: as of the peer
 */
struct pknock_peer_view {
	struct pknock_source source;
	u8 origin;
	u8 protocol;
	u8 knocks;
	u64 expires;
};

/*
 * A place in a table's order that stays where it is, whatever comes and goes:
 * who reads on from there meets every peer that was there all the time once.
 */
struct pknock_peer_cursor {
	struct pknock_peer place;
};

/**
 * struct pknock_grant - on which terms a door opens
 * @ttl:	nanoseconds, 0 = until somebody closes it
 * @origin:	enum pknock_origin
 * @protocol:	of the last knock, 0 if there was none
 * @knocks:	how many it took
 */
struct pknock_grant {
	u64 ttl;
	u8 origin;
	u8 protocol;
	u8 knocks;
};

/**
 * struct pknock_opening - what opening a door changed
 * @when:	nanoseconds since boot, from which the grant's @ttl counts
 * @renewed:	it was open for the source already
 * @expired:	when an earlier grant ran out that was not yet collected, 0 if
 *		there was none
 */
struct pknock_opening {
	u64 when;
	bool renewed;
	u64 expired;
};

typedef void (*pknock_expired_fn)(struct pknock_peer_table *table,
				  const struct pknock_peer_view *peer);

/* The clock of all expiry: it counts while the machine is suspended too. */
static inline u64 pknock_now(void)
{
	return ktime_get_coarse_boottime_ns();
}

int pknock_peer_cache_init(void);
void pknock_peer_cache_exit(void);

void pknock_peer_table_init(struct pknock_peer_table *table);
void pknock_peer_table_destroy(struct pknock_peer_table *table);

bool pknock_peer_is_open(struct pknock_peer_table *table,
			 const struct pknock_source *source);
int pknock_peer_open(struct pknock_peer_table *table,
		     const struct pknock_source *source,
		     const struct pknock_grant *grant,
		     struct pknock_opening *opening);
bool pknock_peer_close(struct pknock_peer_table *table,
		       const struct pknock_source *source);
void pknock_peer_table_collect(struct pknock_peer_table *table, u64 now,
			       pknock_expired_fn tell);

void pknock_peer_cursor_enter(struct pknock_peer_table *table,
			      struct pknock_peer_cursor *cursor);
unsigned int pknock_peer_cursor_read(struct pknock_peer_table *table,
				     struct pknock_peer_cursor *cursor,
				     struct pknock_peer_view *views,
				     unsigned int max);
void pknock_peer_cursor_exit(struct pknock_peer_table *table,
			     struct pknock_peer_cursor *cursor);

#endif
