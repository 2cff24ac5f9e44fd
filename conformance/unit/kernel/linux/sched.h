/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_SCHED_H
#define PKNOCK_UNIT_LINUX_SCHED_H

static inline void cond_resched(void) {
}

#endif
