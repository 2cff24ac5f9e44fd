// SPDX-License-Identifier: GPL-2.0-only
#include <crypto/utils.h>
#include <linux/string.h>
#include "spa.h"

#define IS_DIGIT 0x10

/* What a lower-case hex digit stands for. No branch to mispredict on noise. */
static const u8 hex_values[256] = {
	['0'] = IS_DIGIT | 0,  ['1'] = IS_DIGIT | 1,  ['2'] = IS_DIGIT | 2,
	['3'] = IS_DIGIT | 3,  ['4'] = IS_DIGIT | 4,  ['5'] = IS_DIGIT | 5,
	['6'] = IS_DIGIT | 6,  ['7'] = IS_DIGIT | 7,  ['8'] = IS_DIGIT | 8,
	['9'] = IS_DIGIT | 9,  ['a'] = IS_DIGIT | 10, ['b'] = IS_DIGIT | 11,
	['c'] = IS_DIGIT | 12, ['d'] = IS_DIGIT | 13, ['e'] = IS_DIGIT | 14,
	['f'] = IS_DIGIT | 15,
};

/* Is this datagram of the format at all? Says nothing of its truth. */
bool pknock_spa_v1_parse(struct pknock_spa_v1 *spa, const u8 *payload,
			 size_t len)
{
	u8 all = IS_DIGIT;
	unsigned int i;

	if (len != PKNOCK_SPA_V1_SIZE)
		return false;
	for (i = 0; i < SHA256_DIGEST_SIZE; i++) {
		const u8 high = hex_values[payload[2 * i]];
		const u8 low = hex_values[payload[2 * i + 1]];

		all &= high & low;
		spa->token[i] = high << 4 | (low & 15);
	}
	return all & IS_DIGIT;
}

static bool is_token_of(const struct pknock_spa_v1 *spa,
			const struct hmac_sha256_key *secret, const u8 *address,
			size_t address_len, u32 minute)
{
	u8 message[PKNOCK_ADDRESS_SIZE_MAX + sizeof(minute)];
	u8 sum[SHA256_DIGEST_SIZE];
	bool equal;

	memcpy(message, address, address_len);
	message[address_len] = minute;
	message[address_len + 1] = minute >> 8;
	message[address_len + 2] = minute >> 16;
	message[address_len + 3] = minute >> 24;
	hmac_sha256(secret, message, address_len + sizeof(minute), sum);
	equal = !crypto_memneq(sum, spa->token, sizeof(sum));
	/* A token not sent yet must not lie about on the stack. */
	memzero_explicit(sum, sizeof(sum));
	return equal;
}

/**
 * pknock_spa_v1_verify - was the token made with the secret, here and now?
 * @spa:	the parsed datagram
 * @secret:	the key
 * @address:	the packet's source, network byte order
 * @address_len: 4 or 16
 * @now:	the minute since 1970
 * @skew:	minutes that the sender's clock may be off
 * @minute:	set to the token's minute when it is true
 *
 * The present minute is tried first, then its neighbours outwards.
 * Return: true only for a true token.
 */
bool pknock_spa_v1_verify(const struct pknock_spa_v1 *spa,
			  const struct hmac_sha256_key *secret,
			  const u8 *address, size_t address_len, u32 now,
			  u8 skew, u32 *minute)
{
	u32 off;

	if (address_len > PKNOCK_ADDRESS_SIZE_MAX)
		return false;
	for (off = 0; off <= skew; off++) {
		if (off <= now &&
		    is_token_of(spa, secret, address, address_len, now - off)) {
			*minute = now - off;
			return true;
		}
		if (off &&
		    is_token_of(spa, secret, address, address_len, now + off)) {
			*minute = now + off;
			return true;
		}
	}
	return false;
}
