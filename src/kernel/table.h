/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hash table of pointers, made for being asked about strangers.
 *
 *   root ──▶ directories ──▶ segments ──▶ buckets ──▶ entries
 *
 * A bucket is one cache line, and a miss reads that one; see bucket.h.
 *
 * The table grows by linear hashing, one bucket at a time, with the insertion
 * that makes it too full: a step is bounded, needs no worker and reads no
 * entry, and readers never have two tables to look into. Without memory for a
 * step the table just gets fuller. An empty table has no memory of its own.
 *
 * Look-ups and walks run under RCU. The owner locks all else, sees to it that
 * an entry is there once, and frees entries after a grace period. The hash has
 * to be keyed: nobody outside may be able to aim at a bucket.
 *
 * The file builds in userspace, too.
 */
#ifndef PKNOCK_TABLE_H
#define PKNOCK_TABLE_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "bucket.h"

/* Blocks of memory that is there even when little is. */
#define PKNOCK_BLOCK_SIZE 4096
#define PKNOCK_SEGMENT_BUCKETS (PKNOCK_BLOCK_SIZE / PKNOCK_BUCKET_SIZE)
#define PKNOCK_DIRECTORY_SEGMENTS (PKNOCK_BLOCK_SIZE / sizeof(void *))
#define PKNOCK_DIRECTORY_BUCKETS \
	(PKNOCK_DIRECTORY_SEGMENTS * PKNOCK_SEGMENT_BUCKETS)
#define PKNOCK_ROOT_DIRECTORIES 64

struct pknock_segment {
	struct pknock_bucket buckets[PKNOCK_SEGMENT_BUCKETS];
};

struct pknock_directory {
	struct pknock_segment *segments[PKNOCK_DIRECTORY_SEGMENTS];
};

/**
 * struct pknock_table - a table; zeroed, it is empty
 * @moves:	how often entries came into other buckets: who finds nothing
 *		while this changes has to look again
 * @size:	buckets in use, 0 before the first insertion; read without a
 *		lock, and what it reaches is there for a grace period
 * @count:	entries; read without a lock, too
 * @root:	directories, as many as were ever needed
 */
struct pknock_table {
	u32 moves;
	u32 size;
	u32 count;
	struct pknock_directory *root[PKNOCK_ROOT_DIRECTORIES];
};

/**
 * struct pknock_table_walk - a place in a table; zeroed, the beginning
 * @place:	of the last entry's hash, in the order in which hashes come
 * @entry:	that entry; compared, never followed
 *
 * It holds nothing. Who walks on from it meets what was there all the time
 * once, whatever comes and goes, however the table grows or shrinks.
 */
struct pknock_table_walk {
	u64 place;
	const void *entry;
};

/*
 * Where a hash belongs in a table of @size buckets: as many of its low bits as
 * number all buckets, or one less for those that are not there yet.
 */
static inline u32 pknock_table_index(u32 hash, u32 size)
{
	const u32 mask = ~0U >> (32 - fls(size)); /* >= size, < 2 * size */
	const u32 index = hash & mask;

	return index < size ? index : index & mask >> 1;
}

static inline struct pknock_bucket *
pknock_table_bucket(const struct pknock_table *table, u32 index)
{
	const struct pknock_directory *directory =
		READ_ONCE(table->root[index / PKNOCK_DIRECTORY_BUCKETS]);
	struct pknock_segment *segment =
		READ_ONCE(directory->segments[index / PKNOCK_SEGMENT_BUCKETS %
					      PKNOCK_DIRECTORY_SEGMENTS]);

	return &segment->buckets[index % PKNOCK_SEGMENT_BUCKETS];
}

/**
 * pknock_table_lookup - the entry of a key, or NULL
 * @table:	to look into
 * @hash:	the key's
 * @key:	for @equal
 * @equal:	whether an entry has the key; a constant, so that it is inlined
 *
 * Context: RCU, or the owner's lock.
 */
static __always_inline void *
pknock_table_lookup(const struct pknock_table *table, u32 hash, const void *key,
		    pknock_equal_fn equal)
{
	u32 moves, size;
	void *entry;

	do {
		/* Pairs with tell_of_moves(): the size came before it. */
		moves = smp_load_acquire(&table->moves);
		size = READ_ONCE(table->size);
		if (!size)
			return NULL;
		entry = pknock_bucket_lookup(
			pknock_table_bucket(table,
					    pknock_table_index(hash, size)),
			hash, key, equal);
		if (entry)
			return entry;
		smp_rmb(); /* what moved away was counted before */
	} while (unlikely(READ_ONCE(table->moves) != moves));
	return NULL;
}

int pknock_table_insert(struct pknock_table *table, u32 hash, void *entry);
bool pknock_table_remove(struct pknock_table *table, u32 hash, void *entry);
void *pknock_table_next(const struct pknock_table *table,
			struct pknock_table_walk *walk);
void pknock_table_shrink(struct pknock_table *table, spinlock_t *lock);
void pknock_table_destroy(struct pknock_table *table,
			  void (*free)(void *entry));

#endif
