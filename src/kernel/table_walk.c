// SPDX-License-Identifier: GPL-2.0-only
#include <linux/limits.h>
#include "table.h"

/*
 * Hashes come in the order of their bits from the lowest to the highest. In
 * that order those of a bucket follow each other, and so do those of the
 * buckets that it is split into.
 */
static u32 reverse(u32 bits)
{
	bits = (bits & 0x55555555) << 1 | (bits >> 1 & 0x55555555);
	bits = (bits & 0x33333333) << 2 | (bits >> 2 & 0x33333333);
	bits = (bits & 0x0f0f0f0f) << 4 | (bits >> 4 & 0x0f0f0f0f);
	bits = (bits & 0x00ff00ff) << 8 | (bits >> 8 & 0x00ff00ff);
	return bits << 16 | bits >> 16;
}

/* How many of a hash's low bits all that is in the bucket at @index share. */
static unsigned int shared_bits(u32 index, u32 size)
{
	const unsigned int bits = fls(size) - 1;
	const u32 half = 1U << bits;

	return index >= half || index < size - half ? bits + 1 : bits;
}

/* Is @a before @b? Entries of one hash come by their addresses. */
static bool is_before(const struct pknock_table_walk *a,
		      const struct pknock_table_walk *b)
{
	return a->place < b->place ||
	       (a->place == b->place && a->entry < b->entry);
}

/*
 * The first one of a bucket after @walk, at the place @end at the most; without
 * an entry if there is none. What was split off may still be there beyond @end.
 */
static struct pknock_table_walk
first_after(const struct pknock_bucket *bucket,
	    const struct pknock_table_walk *walk, u64 end)
{
	struct pknock_table_walk first = {.place = end + 1};
	unsigned int slot;

	for (; bucket; bucket = pknock_bucket_next(
			       READ_ONCE(bucket->entry[PKNOCK_BUCKET_LAST])))
		for (slot = 0; slot < PKNOCK_BUCKET_SLOTS; slot++) {
			struct pknock_table_walk here = {
				.entry = smp_load_acquire(&bucket->entry[slot]),
			};

			if (!here.entry ||
			    pknock_bucket_next((void *)here.entry))
				continue;
			here.place = reverse(READ_ONCE(bucket->hash[slot]));
			if (is_before(walk, &here) && is_before(&here, &first))
				first = here;
		}
	return first;
}

/**
 * pknock_table_next - go to the next entry
 * @table:	that the walk is in
 * @walk:	goes there
 *
 * Context: RCU. Return: the entry, or NULL at the end.
 */
void *pknock_table_next(const struct pknock_table *table,
			struct pknock_table_walk *walk)
{
	while (walk->place <= U32_MAX) {
		const u32 moves = smp_load_acquire(&table->moves);
		const u32 size = READ_ONCE(table->size);
		struct pknock_table_walk next;
		u32 index;
		u64 end;

		if (!size)
			return NULL;
		index = pknock_table_index(reverse(walk->place), size);
		end = walk->place | U32_MAX >> shared_bits(index, size);
		next = first_after(pknock_table_bucket(table, index), walk,
				   end);
		smp_rmb(); /* as pknock_table_lookup() */
		if (READ_ONCE(table->moves) != moves)
			continue;
		if (next.entry) {
			*walk = next;
			return (void *)next.entry;
		}
		walk->place = end + 1;
		walk->entry = NULL;
	}
	return NULL;
}
