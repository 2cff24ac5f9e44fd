// SPDX-License-Identifier: GPL-2.0-only
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include "peer_table.h"
#include "sweep.h"

static unsigned int max_open = 1048576;
module_param(max_open, uint, 0644);
MODULE_PARM_DESC(max_open,
		 "Sources that one door is open for at a time, at the most");

static struct kmem_cache *peer_cache __ro_after_init;

int __init pknock_peer_cache_init(void)
{
	/* A look-up reads one cache line of a peer. */
	peer_cache = KMEM_CACHE(pknock_peer, SLAB_HWCACHE_ALIGN);
	return peer_cache ? 0 : -ENOMEM;
}

/* After rcu_barrier(): peers are freed by RCU callbacks. */
void pknock_peer_cache_exit(void)
{
	kmem_cache_destroy(peer_cache);
}

/* @table is zeroed. */
void pknock_peer_table_init(struct pknock_peer_table *table)
{
	spin_lock_init(&table->lock);
	INIT_LIST_HEAD(&table->order);
}

static void free_peer(void *entry)
{
	kmem_cache_free(peer_cache, entry);
}

static void free_peer_rcu(struct rcu_head *rcu)
{
	free_peer(container_of(rcu, struct pknock_peer, rcu));
}

/* When nobody can look anything up any more. Context: process. */
void pknock_peer_table_destroy(struct pknock_peer_table *table)
{
	pknock_table_destroy(&table->hash, free_peer);
}

static bool has_source(const void *entry, const void *key)
{
	const struct pknock_peer *peer = entry;

	return pknock_source_equal(&peer->source, key);
}

/* Context: RCU or the lock. */
static struct pknock_peer *lookup(const struct pknock_peer_table *table,
				  const struct pknock_source *source, u32 hash)
{
	return pknock_table_lookup(&table->hash, hash, source, has_source);
}

static bool is_expired(const struct pknock_peer *peer, u64 now)
{
	return now >= READ_ONCE(peer->expires);
}

/* The clock is looked at only where it matters. */
static bool is_open_now(const struct pknock_peer *peer)
{
	const u64 expires = READ_ONCE(peer->expires);

	return expires == PKNOCK_NEVER || pknock_now() < expires;
}

/* May @source pass? Context: any; no lock, no memory. */
bool pknock_peer_is_open(struct pknock_peer_table *table,
			 const struct pknock_source *source)
{
	const struct pknock_peer *peer;
	bool open;

	if (!READ_ONCE(table->hash.count))
		return false;
	rcu_read_lock();
	peer = lookup(table, source, pknock_source_hash(source));
	open = peer && is_open_now(peer);
	rcu_read_unlock();
	return open;
}

/* Returns false if somebody else did it. */
static bool remove_locked(struct pknock_peer_table *table,
			  struct pknock_peer *peer)
{
	lockdep_assert_held(&table->lock);
	if (!pknock_table_remove(&table->hash,
				 pknock_source_hash(&peer->source), peer))
		return false;
	list_del(&peer->order);
	call_rcu(&peer->rcu, free_peer_rcu);
	return true;
}

static void set_terms(struct pknock_peer *peer,
		      const struct pknock_grant *grant, u64 now)
{
	peer->origin = grant->origin;
	WRITE_ONCE(peer->protocol, grant->protocol);
	WRITE_ONCE(peer->knocks, grant->knocks);
	WRITE_ONCE(peer->expires, grant->ttl ? now + grant->ttl : PKNOCK_NEVER);
}

static int insert_locked(struct pknock_peer_table *table,
			 const struct pknock_source *source, u32 hash,
			 const struct pknock_grant *grant, u64 now)
{
	struct pknock_peer *peer;
	int err;

	lockdep_assert_held(&table->lock);
	if (table->hash.count >= READ_ONCE(max_open))
		return -ENOSPC;
	peer = kmem_cache_alloc(peer_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!peer)
		return -ENOMEM;

	peer->source = *source;
	set_terms(peer, grant, now);
	err = pknock_table_insert(&table->hash, hash, peer);
	if (err) {
		kmem_cache_free(peer_cache, peer);
		return err;
	}
	list_add_tail(&peer->order, &table->order);
	return 0;
}

static int open_locked(struct pknock_peer_table *table,
		       const struct pknock_source *source,
		       const struct pknock_grant *grant,
		       struct pknock_opening *opening)
{
	const u32 hash = pknock_source_hash(source);
	struct pknock_peer *peer = lookup(table, source, hash);
	u64 now = pknock_now();

	lockdep_assert_held(&table->lock);
	opening->when = now;
	if (!peer)
		return insert_locked(table, source, hash, grant, now);
	if (is_expired(peer, now))
		opening->expired = peer->expires;
	else
		opening->renewed = true;
	set_terms(peer, grant, now);
	return 0;
}

/**
 * pknock_peer_open - open the door for a source, or renew its grant
 * @table:	the door's peers
 * @source:	who knocked
 * @grant:	on which terms, from now on
 * @opening:	what this changed
 *
 * Context: any. Return: 0, or -ENOSPC or -ENOMEM with nothing changed.
 */
int pknock_peer_open(struct pknock_peer_table *table,
		     const struct pknock_source *source,
		     const struct pknock_grant *grant,
		     struct pknock_opening *opening)
{
	int err;

	*opening = (struct pknock_opening){};
	spin_lock_bh(&table->lock);
	err = open_locked(table, source, grant, opening);
	spin_unlock_bh(&table->lock);
	return err;
}

/*
 * Close the door for a source. Of several that close at once, exactly one is
 * told true, and only if the door was open: what is over is the collector's.
 * Context: any.
 */
bool pknock_peer_close(struct pknock_peer_table *table,
		       const struct pknock_source *source)
{
	struct pknock_peer *peer;
	bool open;

	spin_lock_bh(&table->lock);
	peer = lookup(table, source, pknock_source_hash(source));
	open = peer && !is_expired(peer, pknock_now()) &&
	       remove_locked(table, peer);
	spin_unlock_bh(&table->lock);
	return open;
}

static struct pknock_peer_view view_locked(const struct pknock_peer *peer)
{
	return (struct pknock_peer_view){
		.source = peer->source,
		.origin = peer->origin,
		.protocol = peer->protocol,
		.knocks = peer->knocks,
		.expires = peer->expires,
	};
}

struct collection {
	struct pknock_peer_table *table;
	pknock_expired_fn tell;
};

static void collect_peer(void *context, void *entry, u64 now)
{
	struct collection *collection = context;
	struct pknock_peer_table *table = collection->table;
	struct pknock_peer *peer = entry;
	struct pknock_peer_view view;
	bool expired;

	if (!is_expired(peer, now))
		return;
	spin_lock_bh(&table->lock);
	view = view_locked(peer);
	/* Not renewed meanwhile, and not closed before. */
	expired = is_expired(peer, now) && remove_locked(table, peer);
	spin_unlock_bh(&table->lock);
	if (expired)
		collection->tell(table, &view);
}

/* Free what has expired, and tell of it. Context: process. */
void pknock_peer_table_collect(struct pknock_peer_table *table, u64 now,
			       pknock_expired_fn tell)
{
	struct collection collection = {table, tell};

	pknock_sweep(&table->hash, collect_peer, &collection, now);
	pknock_table_shrink(&table->hash, &table->lock);
}

/* Begin at the oldest peer. Context: process, till the exit. */
void pknock_peer_cursor_enter(struct pknock_peer_table *table,
			      struct pknock_peer_cursor *cursor)
{
	cursor->place.source.family = 0;
	spin_lock_bh(&table->lock);
	list_add(&cursor->place.order, &table->order);
	spin_unlock_bh(&table->lock);
}

/**
 * pknock_peer_cursor_read - the next peers, those that are over and not yet
 * collected included
 * @table:	the door's peers
 * @cursor:	entered; moved behind what was read
 * @views:	for what they are like
 * @max:	how many at the most, few: knocks wait meanwhile
 *
 * Context: process. Return: how many; fewer than @max at the end only.
 */
unsigned int pknock_peer_cursor_read(struct pknock_peer_table *table,
				     struct pknock_peer_cursor *cursor,
				     struct pknock_peer_view *views,
				     unsigned int max)
{
	struct pknock_peer *peer = &cursor->place;
	unsigned int read = 0;

	spin_lock_bh(&table->lock);
	list_for_each_entry_continue(peer, &table->order, order)
	{
		if (!peer->source.family) /* a cursor */
			continue;
		if (read == max)
			break;
		views[read++] = view_locked(peer);
	}
	list_move_tail(&cursor->place.order, &peer->order);
	spin_unlock_bh(&table->lock);
	return read;
}

void pknock_peer_cursor_exit(struct pknock_peer_table *table,
			     struct pknock_peer_cursor *cursor)
{
	spin_lock_bh(&table->lock);
	list_del(&cursor->place.order);
	spin_unlock_bh(&table->lock);
}
