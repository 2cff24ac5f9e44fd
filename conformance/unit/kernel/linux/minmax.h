/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_MINMAX_H
#define PKNOCK_UNIT_LINUX_MINMAX_H

#define max(a, b) ((a) > (b) ? (a) : (b))
#define max_t(type, a, b) max((type)(a), (type)(b))

#endif
