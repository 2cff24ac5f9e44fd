/* SPDX-License-Identifier: GPL-2.0-only */
/* A door's replay memory, with the lock and the cap that replay.c leaves out. */
#ifndef PKNOCK_TOKENS_H
#define PKNOCK_TOKENS_H

#include <linux/spinlock.h>
#include "replay.h"

struct pknock_tokens {
	spinlock_t lock; /* protects @replay */
	struct pknock_replay replay;
	u32 count; /* as in @replay, for who reads it without the lock */
};

u32 pknock_minute(void);

void pknock_tokens_init(struct pknock_tokens *tokens);
void pknock_tokens_destroy(struct pknock_tokens *tokens);
int pknock_tokens_accept(struct pknock_tokens *tokens,
			 const u8 token[SHA256_DIGEST_SIZE], u32 minute);
void pknock_tokens_collect(struct pknock_tokens *tokens);
bool pknock_tokens_empty(struct pknock_tokens *tokens);

#endif
