/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's integer names, on top of the exported header of this name. */
#ifndef PKNOCK_UNIT_LINUX_TYPES_H
#define PKNOCK_UNIT_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#endif
