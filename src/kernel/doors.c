// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hash.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "doors.h"
#include "procfs.h"

static unsigned int pknock_net_id __read_mostly;

static struct pknock_doors *doors_of(struct net *net)
{
	return *(struct pknock_doors **)net_generic(net, pknock_net_id);
}

void pknock_doors_put(struct pknock_doors *doors)
{
	if (refcount_dec_and_test(&doors->refs))
		kfree(doors);
}

struct hlist_head *pknock_doors_list(struct pknock_doors *doors,
				     const char *name)
{
	u32 hash = full_name_hash(NULL, name, strlen(name));

	return &doors->lists[hash_32(hash, DOOR_LIST_BITS)];
}

static struct pknock_door *lookup_locked(struct pknock_doors *doors,
					 const char *name)
{
	struct pknock_door *door;

	lockdep_assert_held(&doors->mutex);
	hlist_for_each_entry(door, pknock_doors_list(doors, name), node)
		if (!strcmp(door->name, name))
			return door;
	return NULL;
}

/* Drops the mutex meanwhile. */
static void wait_for_departure_locked(struct pknock_doors *doors)
{
	unsigned int before = doors->departures;

	lockdep_assert_held(&doors->mutex);
	mutex_unlock(&doors->mutex);
	wait_event(doors->departed, READ_ONCE(doors->departures) != before);
	mutex_lock(&doors->mutex);
}

/* The door that a rule may take up, if there is one. */
static struct pknock_door *settle_locked(struct pknock_doors *doors,
					 const char *name)
{
	struct pknock_door *door;

	while ((door = lookup_locked(doors, name))) {
		if (!door->leaving && !door->rules) {
			pknock_tokens_collect(&door->tokens);
			pknock_door_end_locked(door);
		}
		if (!door->leaving)
			break;
		wait_for_departure_locked(doors);
	}
	return door;
}

/**
 * pknock_door_get - a rule's way to its door
 * @net:	the rule's namespace
 * @name:	valid, below XT_PKNOCK_NAME_SIZE
 *
 * Context: process. Return: the door, a lingering one if there is one, or an
 * ERR_PTR. To be given back with pknock_door_put().
 */
struct pknock_door *pknock_door_get(struct net *net, const char *name)
{
	struct pknock_doors *doors = doors_of(net);
	struct pknock_door *door;

	mutex_lock(&doors->mutex);
	door = settle_locked(doors, name);
	if (!door)
		door = pknock_door_create_locked(doors, name);
	if (!IS_ERR(door))
		WRITE_ONCE(door->rules, door->rules + 1);
	mutex_unlock(&doors->mutex);
	return door;
}

/*
 * The door of that name, to be given back with pknock_door_release(), or NULL.
 * Context: process.
 */
struct pknock_door *pknock_door_find(struct net *net, const char *name)
{
	struct pknock_doors *doors = doors_of(net);
	struct pknock_door *door;

	mutex_lock(&doors->mutex);
	door = lookup_locked(doors, name);
	if (door && door->leaving)
		door = NULL;
	if (door)
		refcount_inc(&door->refs);
	mutex_unlock(&doors->mutex);
	return door;
}

/*
 * The door after @previous, which is given back, or the first one if that is
 * NULL; likewise.
 */
struct pknock_door *pknock_door_next(struct net *net,
				     struct pknock_door *previous)
{
	struct pknock_doors *doors = doors_of(net);
	struct pknock_door *door, *next = NULL;

	mutex_lock(&doors->mutex);
	door = list_entry(&doors->order, struct pknock_door, order);
	if (previous && !list_empty(&previous->order))
		door = previous;
	list_for_each_entry_continue(door, &doors->order, order)
	{
		if (door->leaving || (previous && door->id <= previous->id))
			continue;
		refcount_inc(&door->refs);
		next = door;
		break;
	}
	mutex_unlock(&doors->mutex);
	if (previous)
		pknock_door_release(previous);
	return next;
}

static int __net_init pknock_net_init(struct net *net)
{
	struct pknock_doors **own = net_generic(net, pknock_net_id);
	struct pknock_doors *doors;

	doors = kzalloc(sizeof(*doors), GFP_KERNEL_ACCOUNT); /* empty lists */
	if (!doors)
		return -ENOMEM;
	mutex_init(&doors->mutex);
	init_waitqueue_head(&doors->departed);
	refcount_set(&doors->refs, 1);
	INIT_LIST_HEAD(&doors->order);
	doors->net = net;
	doors->listeners = net;
	doors->proc = pknock_procfs_init(net);
	if (!doors->proc) {
		kfree(doors);
		return -ENOMEM;
	}
	*own = doors;
	return 0;
}

/* A grace period follows: then nobody looks at the namespace for listeners. */
static void __net_exit pknock_net_pre_exit(struct net *net)
{
	WRITE_ONCE(doors_of(net)->listeners, NULL);
}

/* Returns whether there was one. */
static bool drop_first(struct pknock_doors *doors, struct hlist_head *list)
{
	struct pknock_door *door;
	bool leaving = false;

	mutex_lock(&doors->mutex);
	door = hlist_entry_safe(list->first, struct pknock_door, node);
	if (door) {
		leaving = door->leaving;
		door->leaving = true;
		if (leaving)
			wait_for_departure_locked(doors);
	}
	mutex_unlock(&doors->mutex);
	if (door && !leaving && pknock_door_depart(door))
		pknock_door_release(door);
	return door;
}

/*
 * Rules may outlive this: their tables' own exit can come later. They keep
 * their doors, which are orphans from here on; the last rule frees its door.
 */
static void __net_exit pknock_net_exit(struct net *net)
{
	struct pknock_doors *doors = doors_of(net);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(doors->lists); i++)
		while (drop_first(doors, &doors->lists[i]))
			;
	pknock_procfs_exit(net);
	pknock_doors_put(doors);
}

static struct pernet_operations pknock_net_ops = {
	.init = pknock_net_init,
	.pre_exit = pknock_net_pre_exit,
	.exit = pknock_net_exit,
	.id = &pknock_net_id,
	.size = sizeof(struct pknock_doors *),
};

int __init pknock_doors_register(void)
{
	int err = pknock_door_workers_init();

	if (err)
		return err;
	err = register_pernet_subsys(&pknock_net_ops);
	if (err)
		pknock_door_workers_exit();
	return err;
}

/* When no rule is left. */
void pknock_doors_unregister(void)
{
	unregister_pernet_subsys(&pknock_net_ops);
	pknock_door_workers_exit();
}
