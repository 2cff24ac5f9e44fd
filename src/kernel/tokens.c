// SPDX-License-Identifier: GPL-2.0-only
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include "tokens.h"
#include "uapi/xt_pknock.h"

static unsigned int max_replay = 65536;
module_param(max_replay, uint, 0644);
MODULE_PARM_DESC(max_replay,
		 "Accepted tokens that one door remembers, at the most");

/* The minute since 1970 that tokens are made of. */
u32 pknock_minute(void)
{
	return div_u64(ktime_get_real_seconds(), 60);
}

void pknock_tokens_init(struct pknock_tokens *tokens)
{
	memset(tokens, 0, sizeof(*tokens));
	spin_lock_init(&tokens->lock);
	get_random_bytes(&tokens->replay.key, sizeof(tokens->replay.key));
}

static void free_entries(struct pknock_replay_entry *entry)
{
	while (entry) {
		struct pknock_replay_entry *next = entry->next;

		kfree(entry);
		entry = next;
	}
}

void pknock_tokens_destroy(struct pknock_tokens *tokens)
{
	unsigned int i;

	for (i = 0; i < PKNOCK_REPLAY_BUCKETS; i++)
		free_entries(tokens->replay.buckets[i]);
}

static void tell_count_locked(struct pknock_tokens *tokens)
{
	lockdep_assert_held(&tokens->lock);
	WRITE_ONCE(tokens->count, tokens->replay.count);
}

static int add_locked(struct pknock_tokens *tokens,
		      struct pknock_replay_entry *entry)
{
	lockdep_assert_held(&tokens->lock);
	if (tokens->replay.count >= READ_ONCE(max_replay))
		return -ENOSPC;
	if (!pknock_replay_add(&tokens->replay, entry))
		return -EEXIST;
	tell_count_locked(tokens);
	return 0;
}

/**
 * pknock_tokens_accept - take a true token, once
 * @tokens:	the door's
 * @token:	proven true
 * @minute:	that it was made for
 *
 * It is remembered for as long as any rule may take a token of its minute, not
 * only the one that took it: the door's rules differ, and change.
 *
 * Context: any. Return: 0, -EEXIST if it was used before, or may have been, or
 * -ENOMEM or -ENOSPC if it cannot be remembered.
 */
int pknock_tokens_accept(struct pknock_tokens *tokens,
			 const u8 token[SHA256_DIGEST_SIZE], u32 minute)
{
	struct pknock_replay_entry *entry;
	int err;

	entry = kmalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (!entry)
		return -ENOMEM;
	memcpy(entry->token, token, sizeof(entry->token));
	entry->minute = minute;
	entry->until = minute + XT_PKNOCK_SKEW_MAX;

	spin_lock_bh(&tokens->lock);
	err = add_locked(tokens, entry);
	spin_unlock_bh(&tokens->lock);
	if (err)
		kfree(entry);
	return err;
}

/* Forget the tokens whose window is over. Context: process. */
void pknock_tokens_collect(struct pknock_tokens *tokens)
{
	struct pknock_replay_entry *dropped;
	u32 now = pknock_minute();
	unsigned int i;

	for (i = 0; i < PKNOCK_REPLAY_BUCKETS; i++) {
		spin_lock_bh(&tokens->lock);
		dropped = pknock_replay_forget(&tokens->replay, i, now);
		tell_count_locked(tokens);
		spin_unlock_bh(&tokens->lock);
		free_entries(dropped);
		cond_resched();
	}
}

bool pknock_tokens_empty(struct pknock_tokens *tokens)
{
	return !READ_ONCE(tokens->count);
}
