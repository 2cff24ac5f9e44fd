/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_HMAC_OPENSSL_H
#define PKNOCK_UNIT_HMAC_OPENSSL_H

#include "hmac.h"

extern bool hmac_fails; /* every sum is an error while this is set */

#endif
