/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <linux/proc_fs.h>

#ifndef PKNOCK_PROBE
#include "probes.h"

#ifndef PKNOCK_HAVE_PDE_DATA
#define pde_data(inode) PDE_DATA(inode)
#endif
#endif
