// SPDX-License-Identifier: GPL-2.0-only
#include <linux/string.h>
#include "replay.h"

/**
 * pknock_replay_add - accept a true token, once
 * @replay:	the door's memory
 * @entry:	the token, its minute and until; the memory's own from now on
 *		when it is accepted
 *
 * Return: false for a token that was accepted before, or may have been.
 */
bool pknock_replay_add(struct pknock_replay *replay,
		       struct pknock_replay_entry *entry)
{
	u64 hash = siphash(entry->token, sizeof(entry->token), &replay->key);
	struct pknock_replay_entry **bucket =
		&replay->buckets[hash % PKNOCK_REPLAY_BUCKETS];
	const struct pknock_replay_entry *known;

	if (entry->minute < replay->above_floor)
		return false;
	for (known = *bucket; known; known = known->next)
		if (!memcmp(known->token, entry->token, sizeof(known->token)))
			return false;

	entry->next = *bucket;
	*bucket = entry;
	replay->count++;
	return true;
}

/**
 * pknock_replay_forget - drop what is out of its window from one bucket
 * @replay:	the door's memory
 * @bucket:	0 to PKNOCK_REPLAY_BUCKETS - 1
 * @now:	the minute since 1970
 *
 * Return: the entries dropped, linked by @next, for the caller to free.
 */
struct pknock_replay_entry *pknock_replay_forget(struct pknock_replay *replay,
						 unsigned int bucket, u32 now)
{
	struct pknock_replay_entry **link = &replay->buckets[bucket];
	struct pknock_replay_entry *dropped = NULL;

	while (*link) {
		struct pknock_replay_entry *entry = *link;

		if (entry->until >= now) {
			link = &entry->next;
			continue;
		}
		if (replay->above_floor <= entry->minute)
			replay->above_floor = (u64)entry->minute + 1;
		*link = entry->next;
		entry->next = dropped;
		dropped = entry;
		replay->count--;
	}
	return dropped;
}
