// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include "half_open.h"
#include "peer_table.h"
#include "sweep.h"

static struct kmem_cache *half_cache __ro_after_init;

/* The sequence's id is a keyed hash already: it only has to go in. */
static u32 key_hash(const struct pknock_half_key *key)
{
	return pknock_source_hash(&key->source) ^ key->sequence;
}

static bool has_key(const void *entry, const void *wanted)
{
	const struct pknock_half_peer *peer = entry;
	const struct pknock_half_key *key = wanted;

	return key->sequence == peer->key.sequence &&
	       pknock_source_equal(&key->source, &peer->key.source);
}

int __init pknock_half_cache_init(void)
{
	half_cache = KMEM_CACHE(pknock_half_peer, 0);
	return half_cache ? 0 : -ENOMEM;
}

/* After rcu_barrier(): peers are freed by RCU callbacks. */
void pknock_half_cache_exit(void)
{
	kmem_cache_destroy(half_cache);
}

/* @table is zeroed. */
void pknock_half_table_init(struct pknock_half_table *table)
{
	unsigned int i;

	spin_lock_init(&table->lock);
	for (i = 0; i < ARRAY_SIZE(table->levels); i++)
		INIT_LIST_HEAD(&table->levels[i]);
}

static void free_half(void *entry)
{
	kmem_cache_free(half_cache, entry);
}

static void free_half_rcu(struct rcu_head *rcu)
{
	free_half(container_of(rcu, struct pknock_half_peer, rcu));
}

/* When no packet can knock any more. Context: process. */
void pknock_half_table_destroy(struct pknock_half_table *table)
{
	pknock_table_destroy(&table->hash, free_half);
}

/* Context: RCU or the lock. */
static struct pknock_half_peer *lookup(const struct pknock_half_table *table,
				       const struct pknock_half_key *key,
				       u32 hash)
{
	return pknock_table_lookup(&table->hash, hash, key, has_key);
}

static void remove_locked(struct pknock_half_table *table,
			  struct pknock_half_peer *peer)
{
	lockdep_assert_held(&table->lock);
	if (!pknock_table_remove(&table->hash, key_hash(&peer->key), peer))
		return;
	list_del(&peer->age);
	call_rcu(&peer->rcu, free_half_rcu);
}

/*
 * Whom to give up: someone who is too late anyway, else the oldest of those
 * that have come least far. NULL for an empty table.
 */
static struct pknock_half_peer *
choose_victim_locked(struct pknock_half_table *table, u64 now)
{
	struct pknock_half_peer *victim = NULL;
	unsigned int level;

	lockdep_assert_held(&table->lock);
	for (level = 0; level < ARRAY_SIZE(table->levels); level++) {
		struct pknock_half_peer *oldest = list_first_entry_or_null(
			&table->levels[level], struct pknock_half_peer, age);

		if (oldest && now > pknock_progress_deadline(&oldest->progress))
			return oldest;
		if (!victim)
			victim = oldest;
	}
	return victim;
}

static void make_room_locked(struct pknock_half_table *table,
			     unsigned int max_peers, u64 now,
			     struct pknock_half_outcome *outcome)
{
	unsigned int gone;

	/* Two for one, so that a cap that was lowered is reached as well. */
	for (gone = 0; gone < PKNOCK_EVICTIONS_MAX; gone++) {
		struct pknock_half_peer *victim;

		if (table->hash.count < max_peers)
			return;
		victim = choose_victim_locked(table, now);
		if (now <= pknock_progress_deadline(&victim->progress))
			outcome->victims[outcome->evicted++] =
				victim->key.source;
		remove_locked(table, victim);
	}
}

static void insert_locked(struct pknock_half_table *table,
			  const struct pknock_half_key *key, u32 hash,
			  const struct pknock_progress *progress,
			  unsigned int max_peers,
			  struct pknock_half_outcome *outcome)
{
	struct pknock_half_peer *peer;

	lockdep_assert_held(&table->lock);
	peer = kmem_cache_alloc(half_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!peer)
		return;
	peer->key = *key;
	peer->progress = *progress;
	make_room_locked(table, max_peers, progress->heard, outcome);
	if (pknock_table_insert(&table->hash, hash, peer)) {
		kmem_cache_free(half_cache, peer);
		return;
	}
	list_add_tail(&peer->age, &table->levels[progress->accepted]);
}

/* When the sequence is complete, the peer is gone from here. */
static void knock_locked(struct pknock_half_table *table,
			 const struct pknock_half_key *key, u32 hash,
			 const struct pknock_sequence *sequence,
			 const struct pknock_knock *knock,
			 unsigned int max_peers,
			 struct pknock_half_outcome *outcome)
{
	struct pknock_half_peer *peer = lookup(table, key, hash);
	struct pknock_progress progress = {};
	enum pknock_outcome step;

	lockdep_assert_held(&table->lock);
	if (peer)
		progress = peer->progress;
	step = pknock_advance(&progress, sequence, knock, pknock_now());
	if (step == PKNOCK_IGNORED)
		return;

	if (step == PKNOCK_COMPLETED) {
		outcome->completed = true;
		if (peer)
			remove_locked(table, peer);
	} else if (peer) {
		peer->progress = progress;
		list_move_tail(&peer->age, &table->levels[progress.accepted]);
	} else {
		insert_locked(table, key, hash, &progress, max_peers, outcome);
	}
}

static bool is_on_the_way(const struct pknock_half_table *table,
			  const struct pknock_half_key *key, u32 hash)
{
	bool found;

	if (!READ_ONCE(table->hash.count))
		return false;
	rcu_read_lock();
	found = lookup(table, key, hash);
	rcu_read_unlock();
	return found;
}

/**
 * pknock_half_knock - let a knock act on its source's progress
 * @table:	the door's half-open peers
 * @source:	who knocks
 * @sequence:	the rule's
 * @knock:	of a protocol that the sequence hears
 * @max_peers:	the rule's cap
 * @outcome:	what it did
 *
 * A knock that neither starts the sequence nor comes from someone who did
 * leaves before the lock. Without memory there is no progress.
 *
 * Context: any.
 */
void pknock_half_knock(struct pknock_half_table *table,
		       const struct pknock_source *source,
		       const struct pknock_sequence *sequence,
		       const struct pknock_knock *knock, unsigned int max_peers,
		       struct pknock_half_outcome *outcome)
{
	const struct pknock_half_key key = {sequence->id, *source};
	const bool starts = pknock_sequence_starts_with(sequence, knock);
	u32 hash;

	outcome->completed = false;
	outcome->evicted = 0;
	if (sequence->length == 1) { /* nobody is ever on the way */
		outcome->completed = starts;
		return;
	}
	hash = key_hash(&key);
	if (!starts && !is_on_the_way(table, &key, hash))
		return;

	spin_lock_bh(&table->lock);
	knock_locked(table, &key, hash, sequence, knock, max_peers, outcome);
	spin_unlock_bh(&table->lock);
}

static void forget_half(void *context, void *entry, u64 now)
{
	struct pknock_half_table *table = context;

	spin_lock_bh(&table->lock);
	remove_locked(table, entry);
	spin_unlock_bh(&table->lock);
}

/* Forget all who are on the way. Context: process. */
void pknock_half_flush(struct pknock_half_table *table)
{
	pknock_sweep(&table->hash, forget_half, table, 0);
}

static void collect_half(void *context, void *entry, u64 now)
{
	struct pknock_half_table *table = context;
	struct pknock_half_peer *peer = entry;

	spin_lock_bh(&table->lock);
	if (now > pknock_progress_deadline(&peer->progress))
		remove_locked(table, peer);
	spin_unlock_bh(&table->lock);
}

/* Free what is too late to go on. Context: process. */
void pknock_half_table_collect(struct pknock_half_table *table, u64 now)
{
	pknock_sweep(&table->hash, collect_half, table, now);
	pknock_table_shrink(&table->hash, &table->lock);
}
