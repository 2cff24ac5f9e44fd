/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_SPINLOCK_H
#define PKNOCK_UNIT_LINUX_SPINLOCK_H

#include <pthread.h>

typedef pthread_mutex_t spinlock_t;

#define spin_lock_init(lock) pthread_mutex_init(lock, NULL)
#define spin_lock_bh pthread_mutex_lock
#define spin_unlock_bh pthread_mutex_unlock

#endif
