/* SPDX-License-Identifier: GPL-2.0-only */
/* Before 6.7 crypto_memneq() was declared with the algorithms. */
#include <crypto/algapi.h>
