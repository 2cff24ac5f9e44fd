/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <linux/compiler_attributes.h>

/* Kernels without it do not zero variables either. */
#ifndef __uninitialized
#define __uninitialized
#endif
