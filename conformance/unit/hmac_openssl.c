/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/kernel/hmac.h on OpenSSL, with an HMAC that can be made to fail. */
#include "hmac_openssl.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

struct crypto_shash {
    size_t len;
    u8 key[];
};

bool hmac_fails;

int pknock_hmac_init(struct pknock_hmac* hmac, const u8* key, size_t len) {
    hmac->key = malloc(sizeof(*hmac->key) + len);
    if (!hmac->key)
        return -ENOMEM;
    hmac->key->len = len;
    memcpy(hmac->key->key, key, len);
    return 0;
}

void pknock_hmac_release(struct pknock_hmac* hmac) {
    free(hmac->key);
    hmac->key = NULL;
}

int pknock_hmac_sum(const struct pknock_hmac* hmac, const u8* message, size_t len,
                    u8 sum[PKNOCK_HMAC_SIZE]) {
    if (hmac_fails)
        return -EIO;
    return HMAC(EVP_sha256(), hmac->key->key, (int)hmac->key->len, message, len, sum, NULL) ? 0
                                                                                            : -EIO;
}

bool pknock_hmac_equal(const u8 a[PKNOCK_HMAC_SIZE], const u8 b[PKNOCK_HMAC_SIZE]) {
    return !CRYPTO_memcmp(a, b, PKNOCK_HMAC_SIZE);
}
