/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <crypto/sha2.h>

#ifndef PKNOCK_PROBE
#include "probes.h"

#ifndef PKNOCK_HAVE_HMAC_SHA256
#include "hmac_sha256.h"
#endif
#endif
