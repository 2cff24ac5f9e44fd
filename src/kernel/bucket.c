// SPDX-License-Identifier: GPL-2.0-only
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "bucket.h"

static_assert(sizeof(struct pknock_bucket) == PKNOCK_BUCKET_SIZE);

/* A bucket for what does not fit into the one before it. */
struct overflow {
	struct pknock_bucket bucket;
	struct rcu_head rcu;
};

/* As a bucket's last entry. */
static void *link_to(struct overflow *overflow)
{
	return (void *)((unsigned long)&overflow->bucket | 1);
}

static struct pknock_bucket *next_of(const struct pknock_bucket *bucket)
{
	return pknock_bucket_next(READ_ONCE(bucket->entry[PKNOCK_BUCKET_LAST]));
}

/* What is at a place of a bucket, but for the next bucket. */
static void *entry_at(const struct pknock_bucket *bucket, unsigned int slot)
{
	void *entry = smp_load_acquire(&bucket->entry[slot]);

	return pknock_bucket_next(entry) ? NULL : entry;
}

static void set_entry(struct pknock_bucket *bucket, unsigned int slot, u32 hash,
		      void *entry)
{
	WRITE_ONCE(bucket->hash[slot], hash);
	smp_store_release(&bucket->entry[slot], entry);
}

/* The last entry goes on into a new bucket, and leaves its place to that. */
static struct pknock_bucket *extend(struct pknock_bucket *bucket)
{
	const u32 hash = bucket->hash[PKNOCK_BUCKET_LAST];
	struct overflow *overflow =
		kzalloc(sizeof(*overflow), GFP_ATOMIC | __GFP_NOWARN);

	if (!overflow)
		return NULL;
	set_entry(&overflow->bucket, 0, hash,
		  bucket->entry[PKNOCK_BUCKET_LAST]);
	WRITE_ONCE(bucket->beyond, pknock_beyond_bit(hash));
	smp_store_release(&bucket->entry[PKNOCK_BUCKET_LAST],
			  link_to(overflow));
	return &overflow->bucket;
}

/* Returns false if there is no memory for one more bucket. Context: any. */
bool pknock_bucket_add(struct pknock_bucket *bucket, u32 hash, void *entry)
{
	while (bucket) {
		struct pknock_bucket *next;
		unsigned int slot;

		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++) {
			if (bucket->entry[slot])
				continue;
			set_entry(bucket, slot, hash, entry);
			return true;
		}
		next = next_of(bucket) ?: extend(bucket);
		if (next)
			WRITE_ONCE(bucket->beyond,
				   bucket->beyond | pknock_beyond_bit(hash));
		bucket = next;
	}
	return false;
}

static bool has(const struct pknock_bucket *bucket, const void *entry)
{
	unsigned int slot;

	for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++)
		if (entry && entry_at(bucket, slot) == entry)
			return true;
	return false;
}

static bool is_empty(const struct pknock_bucket *bucket)
{
	unsigned int slot;

	for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++)
		if (entry_at(bucket, slot))
			return false;
	return true;
}

/* Let @last be in the last place, and free the buckets that were linked there. */
static void unlink(struct pknock_bucket *bucket, void *last)
{
	struct pknock_bucket *next = next_of(bucket);

	smp_store_release(&bucket->entry[PKNOCK_BUCKET_LAST], last);
	WRITE_ONCE(bucket->beyond, 0);
	while (next) {
		struct overflow *overflow =
			container_of(next, struct overflow, bucket);

		next = next_of(next);
		kfree_rcu(overflow, rcu);
	}
}

/* Free the buckets after the last one that is needed. */
static void trim(struct pknock_bucket *first)
{
	struct pknock_bucket *needed = first, *bucket;

	for (bucket = first; bucket; bucket = next_of(bucket))
		if (!is_empty(bucket))
			needed = bucket;
	if (next_of(needed))
		unlink(needed, NULL);
}

/* Take an entry out. Returns whether it was there. Context: any. */
bool pknock_bucket_remove(struct pknock_bucket *first, const void *entry)
{
	struct pknock_bucket *bucket;
	unsigned int slot;

	for (bucket = first; bucket; bucket = next_of(bucket))
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++) {
			if (bucket->entry[slot] != entry)
				continue;
			WRITE_ONCE(bucket->entry[slot], NULL);
			trim(first);
			return true;
		}
	return false;
}

/*
 * Add a bucket's entries whose hash has @bit to another bucket. Returns false
 * if memory did not suffice for all. Context: any.
 */
bool pknock_bucket_copy(const struct pknock_bucket *from,
			struct pknock_bucket *to, u32 bit)
{
	unsigned int slot;

	for (; from; from = next_of(from))
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++) {
			void *entry = entry_at(from, slot);

			if (entry && from->hash[slot] & bit &&
			    !pknock_bucket_add(to, from->hash[slot], entry))
				return false;
		}
	return true;
}

/* Take the entries out whose hash has @bit. Context: any. */
void pknock_bucket_drop(struct pknock_bucket *first, u32 bit)
{
	struct pknock_bucket *bucket;
	unsigned int slot;

	for (bucket = first; bucket; bucket = next_of(bucket))
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++)
			if (entry_at(bucket, slot) && bucket->hash[slot] & bit)
				WRITE_ONCE(bucket->entry[slot], NULL);
	trim(first);
}

/* How many entries are in the first bucket's overflow only; @last is one. */
static unsigned int count_beyond(const struct pknock_bucket *first, void **last,
				 u32 *hash)
{
	const struct pknock_bucket *bucket = first;
	unsigned int count = 0, slot;

	while ((bucket = next_of(bucket)))
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++) {
			void *entry = entry_at(bucket, slot);

			if (!entry || has(first, entry))
				continue;
			*last = entry;
			*hash = bucket->hash[slot];
			count++;
		}
	return count;
}

/**
 * pknock_bucket_gather - copy what can be from the overflow into the first one
 * @first:	bucket
 *
 * pknock_bucket_thin() has to follow. Between the two who looks must have been
 * told that entries move.
 *
 * Context: any. Return: whether there is something to thin.
 */
bool pknock_bucket_gather(struct pknock_bucket *first)
{
	unsigned int slot;
	void *entry;
	u32 hash;

	if (!next_of(first))
		return false;
	for (slot = 0; slot < PKNOCK_BUCKET_LAST; slot++)
		if (!first->entry[slot] && count_beyond(first, &entry, &hash))
			set_entry(first, slot, hash, entry);
	/* The only one that is left can have the place of the link to it. */
	if (count_beyond(first, &entry, &hash) == 1)
		WRITE_ONCE(first->hash[PKNOCK_BUCKET_LAST], hash);
	return true;
}

/* Free what is not needed of the overflow any more. Context: any. */
void pknock_bucket_thin(struct pknock_bucket *first)
{
	struct pknock_bucket *bucket = first;
	void *last = NULL;
	unsigned int slot;
	u32 hash;

	if (count_beyond(first, &last, &hash) <= 1) {
		unlink(first, last);
		return;
	}
	while ((bucket = next_of(bucket)))
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++)
			if (has(first, entry_at(bucket, slot)))
				WRITE_ONCE(bucket->entry[slot], NULL);
	trim(first);
}

/* Free the overflow, and let the owner free the entries. */
void pknock_bucket_destroy(struct pknock_bucket *first,
			   void (*free)(void *entry))
{
	struct pknock_bucket *bucket, *next;
	unsigned int slot;

	for (bucket = first; bucket; bucket = next) {
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++) {
			void *entry = entry_at(bucket, slot);

			if (entry)
				free(entry);
		}
		next = next_of(bucket);
		if (bucket != first)
			kfree(container_of(bucket, struct overflow, bucket));
	}
}
