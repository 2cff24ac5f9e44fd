/* SPDX-License-Identifier: GPL-2.0-only */
/* HMAC-SHA256 with a key that is prepared once, when the rule is loaded. */
#ifndef PKNOCK_HMAC_H
#define PKNOCK_HMAC_H

#include <linux/types.h>

#define PKNOCK_HMAC_SIZE 32 /* bytes */

struct crypto_shash;

struct pknock_hmac {
	struct crypto_shash *key; /* NULL: no key */
};

int pknock_hmac_init(struct pknock_hmac *hmac, const u8 *key, size_t len);
void pknock_hmac_release(struct pknock_hmac *hmac);
int pknock_hmac_sum(const struct pknock_hmac *hmac, const u8 *message,
		    size_t len, u8 sum[PKNOCK_HMAC_SIZE]);
bool pknock_hmac_equal(const u8 a[PKNOCK_HMAC_SIZE],
		       const u8 b[PKNOCK_HMAC_SIZE]);

#endif
