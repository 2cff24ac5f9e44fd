/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/siphash.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

u64 siphash(const void* data, size_t len, const siphash_key_t* key) {
    size_t size = sizeof(u64);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t("size", &size), OSSL_PARAM_END};
    u64 hash;

    if (!EVP_Q_mac(NULL, "SIPHASH", NULL, NULL, params, key, sizeof(*key), data, len,
                   (unsigned char*)&hash, sizeof(hash), NULL))
        abort();
    return hash;
}
