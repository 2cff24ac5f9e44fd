/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RCU that makes who frees wait for other threads' readers: what is used too late is found. */
#ifndef PKNOCK_UNIT_LINUX_RCUPDATE_H
#define PKNOCK_UNIT_LINUX_RCUPDATE_H

#include <linux/slab.h>

/* How many wait for readers. */
extern int unit_waiting;

struct rcu_head {
    struct rcu_head* next;
    const void* object;
};

void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);

/* Waits for the readers of this thread, too: it frees when the last of them is over. */
void unit_kfree_rcu(struct rcu_head* head, const void* object);

#define kfree_rcu(object, member) unit_kfree_rcu(&(object)->member, object)

#endif
