/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hash table's bucket: one cache line.
 *
 *   hash  hash  hash  hash  hash   beyond   entry  entry  entry  entry  entry
 *
 * It has the whole hashes of what is in it, so that a miss reads no entry. What
 * comes when it is full goes into another bucket, which takes the last entry's
 * place; beyond is a filter of the hashes there, and hardly a miss goes on.
 *
 * Look-ups run under RCU; the table's owner locks all else.
 */
#ifndef PKNOCK_BUCKET_H
#define PKNOCK_BUCKET_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define PKNOCK_BUCKET_SIZE 64
#define PKNOCK_BUCKET_SLOTS \
	((PKNOCK_BUCKET_SIZE - sizeof(u32)) / (sizeof(u32) + sizeof(void *)))
#define PKNOCK_BUCKET_LAST (PKNOCK_BUCKET_SLOTS - 1)

/**
 * struct pknock_bucket - entries of like hashes
 * @hash:	of the entries in the same places
 * @beyond:	pknock_beyond_bit() of each hash in the next bucket and after it
 * @entry:	NULL where there is none; the last may be the next bucket, see
 *		pknock_bucket_next()
 */
struct pknock_bucket {
	u32 hash[PKNOCK_BUCKET_SLOTS];
	u32 beyond;
	void *entry[PKNOCK_BUCKET_SLOTS];
} __aligned(PKNOCK_BUCKET_SIZE);

typedef bool (*pknock_equal_fn)(const void *entry, const void *key);

static inline u32 pknock_beyond_bit(u32 hash)
{
	return 1U << (hash >> 27);
}

/* The next bucket, if that is what @entry is, else NULL. */
static inline struct pknock_bucket *pknock_bucket_next(void *entry)
{
	const unsigned long value = (unsigned long)entry;

	return value & 1 ? (struct pknock_bucket *)(value - 1) : NULL;
}

/* The places whose hash is @hash, as bits. No branch: none is mispredicted. */
static __always_inline unsigned int
pknock_bucket_match(const struct pknock_bucket *bucket, u32 hash)
{
	unsigned int found = 0, slot;

#pragma GCC unroll 8
	for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++)
		found |= (READ_ONCE(bucket->hash[slot]) == hash) << slot;
	return found;
}

static __always_inline void *
pknock_bucket_lookup(const struct pknock_bucket *bucket, u32 hash,
		     const void *key, pknock_equal_fn equal)
{
	do {
		unsigned int found = pknock_bucket_match(bucket, hash);

		for (; found; found &= found - 1) {
			/*
			 * Acquire: an entry that has made room for the next
			 * bucket was in its filter before.
			 */
			void *entry =
				smp_load_acquire(&bucket->entry[__ffs(found)]);

			if (entry && !pknock_bucket_next(entry) &&
			    equal(entry, key))
				return entry;
		}
		if (likely(!(READ_ONCE(bucket->beyond) &
			     pknock_beyond_bit(hash))))
			return NULL;
		bucket = pknock_bucket_next(
			READ_ONCE(bucket->entry[PKNOCK_BUCKET_LAST]));
	} while (bucket);
	return NULL;
}

bool pknock_bucket_add(struct pknock_bucket *bucket, u32 hash, void *entry);
bool pknock_bucket_remove(struct pknock_bucket *bucket, const void *entry);
bool pknock_bucket_copy(const struct pknock_bucket *from,
			struct pknock_bucket *to, u32 bit);
void pknock_bucket_drop(struct pknock_bucket *bucket, u32 bit);
bool pknock_bucket_gather(struct pknock_bucket *bucket);
void pknock_bucket_thin(struct pknock_bucket *bucket);
void pknock_bucket_destroy(struct pknock_bucket *bucket,
			   void (*free)(void *entry));

#endif
