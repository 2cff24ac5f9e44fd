// SPDX-License-Identifier: GPL-2.0-only
/* Since 6.17 lib/crypto does HMAC-SHA256; before, only SHA-256. */
#include <crypto/sha2.h>
#include <linux/kconfig.h>

#if !IS_ENABLED(CONFIG_CRYPTO_LIB_SHA256)
#error "the kernel is built without CONFIG_CRYPTO_LIB_SHA256"
#endif

void probe(const u8 *raw, size_t len, u8 *out);

void probe(const u8 *raw, size_t len, u8 *out)
{
#if PKNOCK_PROBE_FORMER
	struct sha256_state state;

	sha256_init(&state);
	sha256_update(&state, raw, len);
	sha256_final(&state, out);
	sha256(raw, len, out);
#else
	struct hmac_sha256_key key;

	hmac_sha256_preparekey(&key, raw, len);
	hmac_sha256(&key, raw, len, out);
#endif
}
