/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doors: what the rules of one name in one network namespace share.
 *
 * A door lives as long as a rule names it, and lingers after the last one went:
 * a firewall reload finds it again with all that it knows (M9).
 */
#ifndef PKNOCK_DOOR_H
#define PKNOCK_DOOR_H

#include <linux/workqueue.h>
#include "half_open.h"
#include "peer_table.h"
#include "tokens.h"

struct net;
struct pknock_doors;
struct proc_dir_entry;

/**
 * struct pknock_door - one door
 * @name:	unique in its namespace
 * @node:	in its namespace's list
 * @doors:	its namespace's, held
 * @leaving:	on its way out, under @doors' mutex: no rule may take it up
 * @rules:	how many name it, under @doors' mutex
 * @linger_until: nanoseconds since boot, once @rules is 0; likewise
 * @proc:	its file below /proc/net/xt_pknock
 * @peers:	who may pass
 * @half_open:	who is on the way
 * @tokens:	replay memory
 * @collector:	frees what is over
 * @removal:	in the end, frees the door
 */
struct pknock_door {
	char name[XT_PKNOCK_NAME_SIZE];
	struct hlist_node node;
	struct pknock_doors *doors;
	bool leaving;
	unsigned int rules;
	u64 linger_until;
	struct proc_dir_entry *proc;
	struct pknock_peer_table peers;
	struct pknock_half_table half_open;
	struct pknock_tokens tokens;
	struct delayed_work collector;
	struct work_struct removal;
};

struct pknock_door *pknock_door_get(struct net *net, const char *name);
void pknock_door_put(struct pknock_door *door);

/* There may be something to collect, by and by. Context: any. */
void pknock_door_stir(struct pknock_door *door);
struct net *pknock_door_net(const struct pknock_door *door);

int pknock_doors_register(void);
void pknock_doors_unregister(void);

#endif
