/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RCU that makes who frees wait for all readers: what is used too late is found at once. */
#ifndef PKNOCK_UNIT_LINUX_RCUPDATE_H
#define PKNOCK_UNIT_LINUX_RCUPDATE_H

#include <linux/slab.h>

struct rcu_head {
    void* unused;
};

void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);

#define kfree_rcu(object, member) (synchronize_rcu(), kfree(object))

#endif
