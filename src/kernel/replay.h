/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A door's memory of the tokens that it accepted (A2, A4).
 *
 * A token is remembered while its minute is in the window of any rule that the
 * door may have. When it is forgotten, its minute becomes the door's floor: no
 * token at or below the floor is accepted any more. No rule would take one, so
 * that nobody is refused unjustly, and a clock that steps back brings nothing
 * back.
 *
 * Only tokens that were proven true are ever added. The owner locks, allocates
 * and caps; the file builds in userspace too.
 */
#ifndef PKNOCK_REPLAY_H
#define PKNOCK_REPLAY_H

#include <linux/siphash.h>
#include <linux/types.h>
#include <crypto/sha2.h>

#define PKNOCK_REPLAY_BUCKETS 256

/**
 * struct pknock_replay_entry - one accepted token
 * @next:	in its bucket, or in the list that pknock_replay_forget returns
 * @minute:	the token's
 * @until:	last minute in which a rule of the door may still take it
 * @token:	itself
 */
struct pknock_replay_entry {
	struct pknock_replay_entry *next;
	u32 minute;
	u32 until;
	u8 token[SHA256_DIGEST_SIZE];
};

/**
 * struct pknock_replay - the memory; zeroed but for @key is empty
 * @key:	random, so that nobody can aim at a bucket
 * @above_floor: lowest minute that may still be accepted
 * @count:	tokens remembered
 * @buckets:	by keyed hash of the token
 */
struct pknock_replay {
	siphash_key_t key;
	u64 above_floor;
	u32 count;
	struct pknock_replay_entry *buckets[PKNOCK_REPLAY_BUCKETS];
};

bool pknock_replay_add(struct pknock_replay *replay,
		       struct pknock_replay_entry *entry);
struct pknock_replay_entry *pknock_replay_forget(struct pknock_replay *replay,
						 unsigned int bucket, u32 now);

#endif
