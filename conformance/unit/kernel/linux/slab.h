/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_SLAB_H
#define PKNOCK_UNIT_LINUX_SLAB_H

#include <linux/compiler.h>
#include <linux/types.h>

#define GFP_ATOMIC 0
#define __GFP_NOWARN 0

/* Allocations in use; and how many more succeed, all of them if below 0. */
extern long unit_allocated;
extern long unit_memory_left;

/* Aligned to its size, if that is a power of two. */
void* kzalloc(size_t size, int flags);
void kfree(const void* object);

#endif
