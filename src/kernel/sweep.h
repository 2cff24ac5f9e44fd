/* SPDX-License-Identifier: GPL-2.0-only */
/* Visiting every entry of a hash table without holding anything for long. */
#ifndef PKNOCK_SWEEP_H
#define PKNOCK_SWEEP_H

#include "table.h"

/* Called under RCU; may remove @entry from its table, may not sleep. */
typedef void (*pknock_visit_fn)(void *table, void *entry, u64 now);

void pknock_sweep(const struct pknock_table *hash, pknock_visit_fn visit,
		  void *table, u64 now);

#endif
