/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_STRING_H
#define PKNOCK_UNIT_LINUX_STRING_H

#include <string.h>

#define memzero_explicit(s, n) explicit_bzero(s, n)

#endif
