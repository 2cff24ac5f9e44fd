/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doors: what the rules of one name in one network namespace share.
 *
 * A door lives as long as a rule names it, and lingers after the last one went:
 * a firewall reload finds it again with all that it knows (M9).
 */
#ifndef PKNOCK_DOOR_H
#define PKNOCK_DOOR_H

#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>
#include "events.h"
#include "half_open.h"
#include "peer_table.h"
#include "tokens.h"

struct net;
struct pknock_doors;
struct proc_dir_entry;

/**
 * struct pknock_door - one door
 * @name:	unique in its namespace
 * @refs:	its place in the namespace's lists, and whoever looks at it
 * @id:		grows from door to door of a namespace
 * @node:	in its namespace's list of names
 * @order:	in its namespace's list of all, by @id
 * @doors:	its namespace's, held
 * @leaving:	on its way out, under @doors' mutex: no rule may take it up
 * @rules:	how many name it, under @doors' mutex; read without it, too
 * @linger_until: nanoseconds since boot, once @rules is 0; likewise
 * @proc:	its file below /proc/net/xt_pknock
 * @readers:	how often that is open, under @doors' mutex
 * @prefixes:	--mask of the newest rule, IPv4 and IPv6
 * @events:	what happened here
 * @peers:	who may pass
 * @half_open:	who is on the way
 * @tokens:	replay memory
 * @collector:	frees what is over
 * @removal:	in the end, frees the door
 */
struct pknock_door {
	char name[XT_PKNOCK_NAME_SIZE];
	refcount_t refs;
	u64 id;
	struct hlist_node node;
	struct list_head order;
	struct pknock_doors *doors;
	bool leaving;
	unsigned int rules;
	u64 linger_until;
	struct proc_dir_entry *proc;
	unsigned int readers;
	u8 prefixes[2];
	struct pknock_events events;
	struct pknock_peer_table peers;
	struct pknock_half_table half_open;
	struct pknock_tokens tokens;
	struct delayed_work collector;
	struct work_struct removal;
};

/* A rule's hold: the door stays what it is. */
struct pknock_door *pknock_door_get(struct net *net, const char *name);
void pknock_door_put(struct pknock_door *door);

/* A reader's hold: it may leave meanwhile, but not its memory. */
struct pknock_door *pknock_door_find(struct net *net, const char *name);
struct pknock_door *pknock_door_next(struct net *net,
				     struct pknock_door *previous);
void pknock_door_release(struct pknock_door *door);

void pknock_door_flush(struct pknock_door *door);

/* Its file is opened; -ENOENT if it is on its way out. Context: process. */
int pknock_door_add_reader(struct pknock_door *door);
void pknock_door_drop_reader(struct pknock_door *door);

/* There may be something to collect, by and by. Context: any. */
void pknock_door_stir(struct pknock_door *door);
struct net *pknock_door_net(const struct pknock_door *door);
struct net *pknock_door_listeners(const struct pknock_door *door);

static inline void pknock_door_set_prefix(struct pknock_door *door, u8 family,
					  u8 prefix)
{
	WRITE_ONCE(door->prefixes[family == NFPROTO_IPV6], prefix);
}

static inline u8 pknock_door_prefix(const struct pknock_door *door, u8 family)
{
	return READ_ONCE(door->prefixes[family == NFPROTO_IPV6]);
}

int pknock_doors_register(void);
void pknock_doors_unregister(void);

#endif
