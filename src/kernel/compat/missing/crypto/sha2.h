/* SPDX-License-Identifier: GPL-2.0-only */
/* Before 5.11 SHA-1 and SHA-2 shared a header. */
#include <crypto/sha.h>
