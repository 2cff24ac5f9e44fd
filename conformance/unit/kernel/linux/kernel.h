/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_KERNEL_H
#define PKNOCK_UNIT_LINUX_KERNEL_H

#include <stddef.h>

#define DIV_ROUND_UP(a, b) (((a) + (b)-1) / (b))
#define container_of(pointer, type, member) ((type*)((char*)(pointer)-offsetof(type, member)))

#endif
