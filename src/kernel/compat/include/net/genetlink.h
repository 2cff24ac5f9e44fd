/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <net/genetlink.h>

#ifndef PKNOCK_PROBE
#include "probes.h"

/* As long as no command has both, the former kind will do for each. */
#ifndef PKNOCK_HAVE_GENL_SPLIT_OPS
#define genl_split_ops genl_ops
#define split_ops ops
#define n_split_ops n_ops
#endif

/* Of what it points to, only the attributes are used. */
#ifndef PKNOCK_HAVE_GENL_INFO_DUMP
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif
#endif
