/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_BITOPS_H
#define PKNOCK_UNIT_LINUX_BITOPS_H

#include <linux/types.h>

static inline int fls(u32 bits) {
    return bits ? 32 - __builtin_clz(bits) : 0;
}

static inline unsigned long __ffs(unsigned long bits) {
    return (unsigned long)__builtin_ctzl(bits);
}

#endif
