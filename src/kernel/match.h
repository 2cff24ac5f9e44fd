/* SPDX-License-Identifier: GPL-2.0-only */
/* The match as x_tables sees it, for both families. */
#ifndef PKNOCK_MATCH_H
#define PKNOCK_MATCH_H

int pknock_match_init(void);
void pknock_match_exit(void);

#endif
