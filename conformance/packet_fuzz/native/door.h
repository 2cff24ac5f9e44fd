/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of src/kernel/door.h: a door that nothing is behind. */
#ifndef PKNOCK_NATIVE_DOOR_H
#define PKNOCK_NATIVE_DOOR_H

#include "knock.h"
#include "source.h"
#include "uapi/pknock.h"
#include <crypto/sha2.h>

#define PKNOCK_EVICTIONS_MAX 2

struct pknock_peer_table {
    int size;
};
struct pknock_half_table {
    int size;
};
struct pknock_tokens {
    int size;
};

struct pknock_door {
    struct pknock_peer_table peers;
    struct pknock_half_table half_open;
    struct pknock_tokens tokens;
};

struct pknock_grant {
    u64 ttl;
    u8 origin;
    u8 protocol;
    u8 knocks;
};

struct pknock_opening {
    bool renewed;
};

struct pknock_half_outcome {
    bool completed;
    unsigned int evicted;
    struct pknock_source victims[PKNOCK_EVICTIONS_MAX];
};

bool pknock_peer_is_open(struct pknock_peer_table* table, const struct pknock_source* source);
int pknock_peer_open(struct pknock_peer_table* table, const struct pknock_source* source,
                     const struct pknock_grant* grant, struct pknock_opening* opening);
bool pknock_peer_close(struct pknock_peer_table* table, const struct pknock_source* source);
void pknock_half_knock(struct pknock_half_table* table, const struct pknock_source* source,
                       const struct pknock_sequence* sequence, const struct pknock_knock* knock,
                       unsigned int max_peers, struct pknock_half_outcome* outcome);
u32 pknock_minute(void);
int pknock_tokens_accept(struct pknock_tokens* tokens, const u8 token[SHA256_DIGEST_SIZE],
                         u32 minute);
void pknock_door_stir(struct pknock_door* door);
void pknock_event_opened(struct pknock_door* door, const struct pknock_source* source,
                         const struct pknock_grant* grant, const struct pknock_opening* opening);
void pknock_event_closed(struct pknock_door* door, const struct pknock_source* source);
void pknock_event_evicted(struct pknock_door* door, const struct pknock_source* source);
void pknock_event_refused(struct pknock_door* door, const struct pknock_source* source,
                          enum pknock_reason reason);

#endif
