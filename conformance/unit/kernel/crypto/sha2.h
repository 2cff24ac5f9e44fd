/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 as older kernels have it, on OpenSSL; so the HMAC is the one of src/kernel/compat. */
#ifndef PKNOCK_UNIT_CRYPTO_SHA2_H
#define PKNOCK_UNIT_CRYPTO_SHA2_H

#include <linux/types.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#define SHA256_DIGEST_SIZE SHA256_DIGEST_LENGTH
#define SHA256_BLOCK_SIZE SHA256_CBLOCK

struct sha256_state {
    SHA256_CTX context;
};

static inline void sha256_init(struct sha256_state* state) {
    SHA256_Init(&state->context);
}

static inline void sha256_update(struct sha256_state* state, const u8* data, size_t len) {
    SHA256_Update(&state->context, data, len);
}

static inline void sha256_final(struct sha256_state* state, u8* out) {
    SHA256_Final(out, &state->context);
    OPENSSL_cleanse(state, sizeof(*state));
}

static inline void sha256(const u8* data, size_t len, u8* out) {
    SHA256(data, len, out);
}

#include "compat/hmac_sha256.h"

#endif
