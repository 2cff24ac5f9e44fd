// SPDX-License-Identifier: GPL-2.0-only
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "table.h"

/* Buckets that one insertion adds at the most: more than it needs, to catch up. */
#define GROWTH_MAX 2
/* Buckets or segments between two chances for a knock. */
#define SHRINK_BATCH 64

#define SEGMENTS_MAX (PKNOCK_ROOT_DIRECTORIES * PKNOCK_DIRECTORY_SEGMENTS)
#define BUCKETS_MIN PKNOCK_SEGMENT_BUCKETS
#define BUCKETS_MAX (PKNOCK_ROOT_DIRECTORIES * PKNOCK_DIRECTORY_BUCKETS)

static_assert(sizeof(struct pknock_segment) == PKNOCK_BLOCK_SIZE);
static_assert(sizeof(struct pknock_directory) == PKNOCK_BLOCK_SIZE);

/*
 * Between entries' being where they are to be, the size included, and their
 * being gone from where they were.
 */
static void tell_of_moves(struct pknock_table *table)
{
	smp_store_release(&table->moves, table->moves + 1);
	smp_wmb();
}

/*
 * Move the entries whose hash has @bit, and let the table have @size buckets,
 * so that they belong where they are then. Who looks meanwhile finds them in
 * the one bucket or in the other, or knows that it has to look again.
 */
static bool move(struct pknock_table *table, struct pknock_bucket *from,
		 struct pknock_bucket *to, u32 bit, u32 size)
{
	if (!pknock_bucket_copy(from, to, bit)) {
		pknock_bucket_drop(to, bit);
		return false;
	}
	smp_store_release(&table->size, size); /* after the copies */
	tell_of_moves(table);
	pknock_bucket_drop(from, bit);
	if (pknock_bucket_gather(from)) {
		tell_of_moves(table);
		pknock_bucket_thin(from);
	}
	return true;
}

static void *new_block(void)
{
	return kzalloc(PKNOCK_BLOCK_SIZE, GFP_ATOMIC | __GFP_NOWARN);
}

/* The bucket at @index; readers come when the size tells of it. Or NULL. */
static struct pknock_bucket *make_bucket(struct pknock_table *table, u32 index)
{
	struct pknock_directory **directory =
		&table->root[index / PKNOCK_DIRECTORY_BUCKETS];
	struct pknock_segment **segment;

	if (index >= BUCKETS_MAX)
		return NULL;
	if (!*directory)
		WRITE_ONCE(*directory, new_block());
	if (!*directory)
		return NULL;
	segment = &(*directory)
			   ->segments[index / PKNOCK_SEGMENT_BUCKETS %
				      PKNOCK_DIRECTORY_SEGMENTS];
	if (!*segment)
		WRITE_ONCE(*segment, new_block());
	return *segment ? pknock_table_bucket(table, index) : NULL;
}

/* The highest bit of a bucket's number: without it, whom it was split from. */
static u32 highest_bit(u32 index)
{
	return 1U << (fls(index) - 1);
}

static bool split(struct pknock_table *table)
{
	const u32 index = table->size, bit = highest_bit(index);
	struct pknock_bucket *bucket = make_bucket(table, index);

	return bucket && move(table, pknock_table_bucket(table, index ^ bit),
			      bucket, bit, index + 1);
}

static bool merge(struct pknock_table *table)
{
	const u32 index = table->size - 1, bit = highest_bit(index);

	return move(table, pknock_table_bucket(table, index),
		    pknock_table_bucket(table, index ^ bit), bit, index);
}

static struct pknock_bucket *bucket_of(const struct pknock_table *table,
				       u32 hash)
{
	return pknock_table_bucket(table,
				   pknock_table_index(hash, table->size));
}

static bool is_too_full(const struct pknock_table *table)
{
	return table->count > table->size / 2 * 5;
}

/**
 * pknock_table_insert - add an entry
 * @table:	locked
 * @hash:	the entry's
 * @entry:	in no table; its address is even
 *
 * Context: any. Return: 0, or -ENOMEM.
 */
int pknock_table_insert(struct pknock_table *table, u32 hash, void *entry)
{
	unsigned int step;

	if (!table->size) {
		if (!make_bucket(table, 0))
			return -ENOMEM;
		smp_store_release(&table->size, BUCKETS_MIN);
	}
	if (!pknock_bucket_add(bucket_of(table, hash), hash, entry))
		return -ENOMEM;
	WRITE_ONCE(table->count, table->count + 1);
	for (step = 0; step < GROWTH_MAX && is_too_full(table); step++)
		if (!split(table))
			break;
	return 0;
}

/**
 * pknock_table_remove - take an entry out
 * @table:	locked
 * @hash:	the entry's
 * @entry:	readers may hold it for a grace period
 *
 * Context: any. Return: whether it was there.
 */
bool pknock_table_remove(struct pknock_table *table, u32 hash, void *entry)
{
	if (!table->size ||
	    !pknock_bucket_remove(bucket_of(table, hash), entry))
		return false;
	WRITE_ONCE(table->count, table->count - 1);
	return true;
}

static bool shrink_locked(struct pknock_table *table, u32 size)
{
	unsigned int step;

	for (step = 0; step < SHRINK_BATCH; step++)
		if (table->size <= size || !merge(table))
			return false;
	return true;
}

/* Free segments that no reader can have in mind: a grace period has passed. */
static void free_unused_locked(struct pknock_table *table, u32 first)
{
	struct pknock_directory *directory =
		table->root[first / PKNOCK_DIRECTORY_SEGMENTS];
	const u32 used = DIV_ROUND_UP(table->size, PKNOCK_SEGMENT_BUCKETS);
	u32 segment;

	if (!directory)
		return;
	for (segment = max(first, used); segment < first + SHRINK_BATCH;
	     segment++) {
		const u32 place = segment % PKNOCK_DIRECTORY_SEGMENTS;

		kfree(directory->segments[place]);
		directory->segments[place] = NULL;
	}
}

/**
 * pknock_table_shrink - give memory back after most entries have gone
 * @table:	not locked
 * @lock:	the owner's
 *
 * Context: process, one at a time.
 */
void pknock_table_shrink(struct pknock_table *table, spinlock_t *lock)
{
	const u32 size = max_t(u32, READ_ONCE(table->count), BUCKETS_MIN);
	u32 segment;
	bool more;

	if (READ_ONCE(table->size) / 2 <= size)
		return;
	do {
		spin_lock_bh(lock);
		more = shrink_locked(table, size);
		spin_unlock_bh(lock);
		cond_resched();
	} while (more);

	synchronize_rcu();
	for (segment = 0; segment < SEGMENTS_MAX; segment += SHRINK_BATCH) {
		spin_lock_bh(lock);
		free_unused_locked(table, segment);
		spin_unlock_bh(lock);
		cond_resched();
	}
}

/* When nobody looks anything up any more. Context: process. */
void pknock_table_destroy(struct pknock_table *table, void (*free)(void *entry))
{
	u32 index, segment;

	for (index = 0; index < table->size; index++) {
		pknock_bucket_destroy(pknock_table_bucket(table, index), free);
		cond_resched();
	}
	for (index = 0; index < PKNOCK_ROOT_DIRECTORIES; index++) {
		struct pknock_directory *directory = table->root[index];

		if (!directory)
			continue;
		for (segment = 0; segment < PKNOCK_DIRECTORY_SEGMENTS;
		     segment++)
			kfree(directory->segments[segment]);
		kfree(directory);
	}
}
