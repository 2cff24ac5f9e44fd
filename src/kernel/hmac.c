// SPDX-License-Identifier: GPL-2.0-only
/* The only file that touches the crypto API. */
#include <linux/err.h>
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include "hmac.h"

/**
 * pknock_hmac_init - prepare a key
 * @hmac:	where to
 * @key:	1 byte and up; copied
 * @len:	its length in bytes
 *
 * Context: process; may load the algorithm's module.
 * Return: 0, or a negative errno with @hmac without a key.
 */
int pknock_hmac_init(struct pknock_hmac *hmac, const u8 *key, size_t len)
{
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);
	int err;

	hmac->key = NULL;
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_shash_setkey(tfm, key, len);
	if (err) {
		crypto_free_shash(tfm);
		return err;
	}
	hmac->key = tfm;
	return 0;
}

/* Forgets the key and wipes it. */
void pknock_hmac_release(struct pknock_hmac *hmac)
{
	if (hmac->key)
		crypto_free_shash(hmac->key);
	hmac->key = NULL;
}

/* Context: any. The key is only read: packets on all CPUs may share it. */
int pknock_hmac_sum(const struct pknock_hmac *hmac, const u8 *message,
		    size_t len, u8 sum[PKNOCK_HMAC_SIZE])
{
	SHASH_DESC_ON_STACK(desc, hmac->key);
	int err;

	desc->tfm = hmac->key;
	err = crypto_shash_digest(desc, message, len, sum);
	shash_desc_zero(desc);
	return err;
}

/* In a time that does not tell where the two differ. */
bool pknock_hmac_equal(const u8 a[PKNOCK_HMAC_SIZE],
		       const u8 b[PKNOCK_HMAC_SIZE])
{
	return !crypto_memneq(a, b, PKNOCK_HMAC_SIZE);
}
