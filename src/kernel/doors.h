/* SPDX-License-Identifier: GPL-2.0-only */
/* What door.c, one door's life, and doors.c, a namespace's doors, share. */
#ifndef PKNOCK_DOORS_H
#define PKNOCK_DOORS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/wait.h>
#include "door.h"

#define DOOR_LIST_BITS 6

/**
 * struct pknock_doors - a namespace's doors
 * @mutex:	the lists, @last_id, @departures, and the doors' .leaving, .rules,
 *		.linger_until and .readers. Nobody waits for a door's file to
 *		go with it in hand: who opens or closes one takes it.
 * @refs:	the namespace's own, and one a door: rules may outlive it
 * @net:	the namespace; valid while the door's file is there
 * @listeners:	likewise, for whom to tell of events; NULL, a grace period
 *		before the namespace goes
 * @proc:	/proc/net/xt_pknock
 * @departures:	doors that have left, to see another one leave by
 * @departed:	woken up then
 * @last_id:	of the newest door
 * @order:	all doors, by their .id
 * @lists:	by hash of the name
 */
struct pknock_doors {
	struct mutex mutex;
	refcount_t refs;
	struct net *net;
	struct net *listeners;
	struct proc_dir_entry *proc;
	unsigned int departures;
	wait_queue_head_t departed;
	u64 last_id;
	struct list_head order;
	struct hlist_head lists[1 << DOOR_LIST_BITS];
};

struct hlist_head *pknock_doors_list(struct pknock_doors *doors,
				     const char *name);
void pknock_doors_put(struct pknock_doors *doors);

int pknock_door_workers_init(void);
void pknock_door_workers_exit(void);

struct pknock_door *pknock_door_create_locked(struct pknock_doors *doors,
					      const char *name);
void pknock_door_end_locked(struct pknock_door *door);
bool pknock_door_depart(struct pknock_door *door);

#endif
