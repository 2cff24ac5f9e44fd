/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_CTYPE_H
#define PKNOCK_UNIT_LINUX_CTYPE_H

#include <ctype.h>

#endif
