/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_CRYPTO_UTILS_H
#define PKNOCK_UNIT_CRYPTO_UTILS_H

#include <openssl/crypto.h>

#define crypto_memneq(a, b, size) CRYPTO_memcmp(a, b, size)

#endif
