/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single packet authorization, version 1: the wire format and its check.
 *
 *   payload   64 lower-case hex digits of the token, then one byte of any value
 *   token     HMAC-SHA256(secret, source address || minute)
 *   address   network byte order, 4 bytes, or 16 for IPv6
 *   minute    minutes since 1970, 32 bits, little-endian
 *
 * Builds in userspace too, on another HMAC.
 */
#ifndef PKNOCK_SPA_H
#define PKNOCK_SPA_H

#include <linux/types.h>
#include <crypto/sha2.h>

#define PKNOCK_SPA_V1_SIZE 65 /* bytes of UDP payload, exactly */
#define PKNOCK_ADDRESS_SIZE_MAX 16

struct pknock_spa_v1 {
	u8 token[SHA256_DIGEST_SIZE];
};

bool pknock_spa_v1_parse(struct pknock_spa_v1 *spa, const u8 *payload,
			 size_t len);
bool pknock_spa_v1_verify(const struct pknock_spa_v1 *spa,
			  const struct hmac_sha256_key *secret,
			  const u8 *address, size_t address_len, u32 now,
			  u8 skew, u32 *minute);

#endif
