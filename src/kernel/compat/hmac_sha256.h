/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HMAC-SHA256 with prepared keys, as lib/crypto has it since 6.17, from the
 * plain SHA-256 that was there before. Included by crypto/sha2.h. See FIPS 198-1.
 */
#ifndef PKNOCK_COMPAT_HMAC_SHA256_H
#define PKNOCK_COMPAT_HMAC_SHA256_H

#include <linux/string.h>

#define PKNOCK_HMAC_INNER 0x36
#define PKNOCK_HMAC_OUTER 0x5c

/* SHA-256 after the padded key: where the inner and outer hash begin. */
struct hmac_sha256_key {
	struct sha256_state inner;
	struct sha256_state outer;
};

static inline void pknock_hmac_begin(struct sha256_state *state,
				     const u8 key[SHA256_BLOCK_SIZE], u8 pad)
{
	u8 block[SHA256_BLOCK_SIZE];
	unsigned int i;

	for (i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	sha256_init(state);
	sha256_update(state, block, sizeof(block));
	memzero_explicit(block, sizeof(block));
}

/* Context: any. The caller wipes both keys. */
static inline void hmac_sha256_preparekey(struct hmac_sha256_key *key,
					  const u8 *raw_key, size_t raw_key_len)
{
	u8 padded[SHA256_BLOCK_SIZE] = {};

	if (raw_key_len > sizeof(padded))
		sha256(raw_key, raw_key_len, padded);
	else
		memcpy(padded, raw_key, raw_key_len);
	pknock_hmac_begin(&key->inner, padded, PKNOCK_HMAC_INNER);
	pknock_hmac_begin(&key->outer, padded, PKNOCK_HMAC_OUTER);
	memzero_explicit(padded, sizeof(padded));
}

/* Context: any. sha256_final() wipes the state. */
static inline void hmac_sha256(const struct hmac_sha256_key *key,
			       const u8 *data, size_t data_len,
			       u8 out[SHA256_DIGEST_SIZE])
{
	struct sha256_state state = key->inner;

	sha256_update(&state, data, data_len);
	sha256_final(&state, out);
	state = key->outer;
	sha256_update(&state, out, SHA256_DIGEST_SIZE);
	sha256_final(&state, out);
}

#endif
