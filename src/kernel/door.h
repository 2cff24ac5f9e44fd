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
 * @node:	in its namespace's list; whoever unlinks it sees to its end
 * @doors:	its namespace's, held
 * @rules:	how many name it, under @doors' mutex
 * @linger_until: nanoseconds since boot, once @rules is 0; likewise
 * @proc:	its file below /proc/net/xt_pknock while it is linked
 * @peers:	who may pass
 * @half_open:	who is on the way
 * @tokens:	replay memory
 * @collector:	frees what is over, in the end the door itself
 */
struct pknock_door {
	char name[XT_PKNOCK_NAME_SIZE];
	struct hlist_node node;
	struct pknock_doors *doors;
	unsigned int rules;
	u64 linger_until;
	struct proc_dir_entry *proc;
	struct pknock_peer_table peers;
	struct pknock_half_table half_open;
	struct pknock_tokens tokens;
	struct delayed_work collector;
};

struct pknock_door *pknock_door_get(struct net *net, const char *name);
void pknock_door_put(struct pknock_door *door);

void pknock_door_knock(struct pknock_door *door,
		       const struct pknock_source *source,
		       const struct pknock_sequence *sequence,
		       const struct pknock_knock *knock, unsigned int max_peers,
		       u64 ttl);
void pknock_door_open(struct pknock_door *door,
		      const struct pknock_source *source,
		      const struct pknock_grant *grant);

int pknock_doors_register(void);
void pknock_doors_unregister(void);

#endif
