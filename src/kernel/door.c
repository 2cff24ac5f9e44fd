// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <linux/wait.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "door.h"
#include "procfs.h"

#define LINGER_SECONDS 60
#define DOOR_LIST_BITS 6

static unsigned int gc_interval = 10;
module_param(gc_interval, uint, 0644);
MODULE_PARM_DESC(gc_interval,
		 "Seconds between two collections of a door's expired peers");

/**
 * struct pknock_doors - a namespace's doors
 * @mutex:	the lists, @departures, and the doors' .leaving, .rules and
 *		.linger_until. Nobody waits for readers of a door's file with
 *		it in hand: a reader can take its time.
 * @refs:	the namespace's own, and one a door: rules may outlive it
 * @net:	the namespace; valid while the door's file is there
 * @proc:	/proc/net/xt_pknock
 * @departures:	doors that have left, to see another one leave by
 * @departed:	woken up then
 * @lists:	by hash of the name
 */
struct pknock_doors {
	struct mutex mutex;
	refcount_t refs;
	struct net *net;
	struct proc_dir_entry *proc;
	unsigned int departures;
	wait_queue_head_t departed;
	struct hlist_head lists[1 << DOOR_LIST_BITS];
};

static unsigned int pknock_net_id __read_mostly;
static struct workqueue_struct *collectors __ro_after_init;
/* Of its own: a removal may wait for a reader, and hold up its like only. */
static struct workqueue_struct *removals __ro_after_init;

static struct pknock_doors *doors_of(struct net *net)
{
	return *(struct pknock_doors **)net_generic(net, pknock_net_id);
}

static void put_doors(struct pknock_doors *doors)
{
	if (refcount_dec_and_test(&doors->refs))
		kfree(doors);
}

static struct hlist_head *list_of(struct pknock_doors *doors, const char *name)
{
	u32 hash = full_name_hash(NULL, name, strlen(name));

	return &doors->lists[hash_32(hash, DOOR_LIST_BITS)];
}

static struct pknock_door *lookup_locked(struct pknock_doors *doors,
					 const char *name)
{
	struct pknock_door *door;

	lockdep_assert_held(&doors->mutex);
	hlist_for_each_entry(door, list_of(doors, name), node)
		if (!strcmp(door->name, name))
			return door;
	return NULL;
}

void pknock_door_stir(struct pknock_door *door)
{
	unsigned long seconds = clamp(READ_ONCE(gc_interval), 1U, 3600U);

	if (!delayed_work_pending(&door->collector))
		queue_delayed_work(collectors, &door->collector, seconds * HZ);
}

/* For the reader of a door's file. */
struct net *pknock_door_net(const struct pknock_door *door)
{
	return door->doors->net;
}

/* Without rules, without a file, unlinked. Context: process, no mutex. */
static void free_door(struct pknock_door *door)
{
	cancel_delayed_work_sync(&door->collector);
	pknock_tokens_destroy(&door->tokens);
	pknock_half_table_destroy(&door->half_open);
	pknock_peer_table_destroy(&door->peers);
	put_doors(door->doors);
	kvfree(door);
}

/*
 * Take a door that is .leaving off its list. Its name stays taken until its
 * file is gone. Returns whether no rule holds it.
 */
static bool depart(struct pknock_door *door)
{
	struct pknock_doors *doors = door->doors;
	bool unused;

	pknock_procfs_remove(door->proc);

	mutex_lock(&doors->mutex);
	hlist_del_init(&door->node);
	doors->departures++;
	unused = !door->rules;
	wake_up_all(&doors->departed);
	mutex_unlock(&doors->mutex);
	return unused;
}

static void remove_door(struct work_struct *work)
{
	struct pknock_door *door =
		container_of(work, struct pknock_door, removal);

	depart(door); /* nobody can have taken it up */
	free_door(door);
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

/* Is there nothing left that a rule of this name would want to know? */
static bool is_over_locked(struct pknock_door *door)
{
	lockdep_assert_held(&door->doors->mutex);
	return !door->rules && pknock_now() >= door->linger_until &&
	       pknock_tokens_empty(&door->tokens);
}

static void leave_locked(struct pknock_door *door)
{
	lockdep_assert_held(&door->doors->mutex);
	door->leaving = true;
	queue_work(removals, &door->removal);
}

static bool has_to_collect(struct pknock_door *door)
{
	return READ_ONCE(door->half_open.count) ||
	       READ_ONCE(door->peers.count) ||
	       !pknock_tokens_empty(&door->tokens);
}

static void collect(struct work_struct *work)
{
	struct pknock_door *door = container_of(to_delayed_work(work),
						struct pknock_door, collector);
	u64 now = pknock_now();

	pknock_half_table_collect(&door->half_open, now);
	pknock_peer_table_collect(&door->peers, now);
	pknock_tokens_collect(&door->tokens);

	mutex_lock(&door->doors->mutex);
	if (!door->leaving) {
		if (is_over_locked(door))
			leave_locked(door);
		else if (!door->rules || has_to_collect(door))
			pknock_door_stir(door);
	}
	mutex_unlock(&door->doors->mutex);
}

static struct pknock_door *create_locked(struct pknock_doors *doors,
					 const char *name)
{
	struct pknock_door *door;
	int err;

	lockdep_assert_held(&doors->mutex);
	door = kvzalloc(sizeof(*door), GFP_KERNEL_ACCOUNT);
	if (!door)
		return ERR_PTR(-ENOMEM);
	strscpy(door->name, name, sizeof(door->name));
	door->doors = doors;
	pknock_tokens_init(&door->tokens);
	INIT_DELAYED_WORK(&door->collector, collect);
	INIT_WORK(&door->removal, remove_door);

	err = pknock_peer_table_init(&door->peers);
	if (err)
		goto err_free;
	err = pknock_half_table_init(&door->half_open);
	if (err)
		goto err_peers;
	door->proc = pknock_procfs_add(doors->proc, doors->net, door);
	if (!door->proc) {
		err = -ENOMEM;
		goto err_half_open;
	}
	refcount_inc(&doors->refs);
	hlist_add_head(&door->node, list_of(doors, name));
	return door;

err_half_open:
	pknock_half_table_destroy(&door->half_open);
err_peers:
	pknock_peer_table_destroy(&door->peers);
err_free:
	kvfree(door);
	return ERR_PTR(err);
}

/* The door that a rule may take up, if there is one. */
static struct pknock_door *settle_locked(struct pknock_doors *doors,
					 const char *name)
{
	struct pknock_door *door;

	while ((door = lookup_locked(doors, name))) {
		if (!door->leaving && !door->rules) {
			pknock_tokens_collect(&door->tokens);
			if (is_over_locked(door))
				leave_locked(door);
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
		door = create_locked(doors, name);
	if (!IS_ERR(door))
		door->rules++;
	mutex_unlock(&doors->mutex);
	return door;
}

/* When no packet can be in the rule any more. Context: process. */
void pknock_door_put(struct pknock_door *door)
{
	struct pknock_doors *doors = door->doors;
	bool orphan = false;

	/* Once the mutex is open, the door and its hold may go any moment. */
	refcount_inc(&doors->refs);
	mutex_lock(&doors->mutex);
	if (!--door->rules) {
		door->linger_until =
			pknock_now() + (u64)LINGER_SECONDS * NSEC_PER_SEC;
		orphan = hlist_unhashed(&door->node);
		if (!door->leaving)
			mod_delayed_work(collectors, &door->collector,
					 LINGER_SECONDS * HZ + 1);
	}
	mutex_unlock(&doors->mutex);
	put_doors(doors);
	if (orphan)
		free_door(door);
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
	doors->net = net;
	doors->proc = pknock_procfs_init(net);
	if (!doors->proc) {
		kfree(doors);
		return -ENOMEM;
	}
	*own = doors;
	return 0;
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
	if (door && !leaving && depart(door))
		free_door(door);
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
	put_doors(doors);
}

static struct pernet_operations pknock_net_ops = {
	.init = pknock_net_init,
	.exit = pknock_net_exit,
	.id = &pknock_net_id,
	.size = sizeof(struct pknock_doors *),
};

int __init pknock_doors_register(void)
{
	int err = -ENOMEM;

	collectors = alloc_workqueue("xt_pknock", WQ_UNBOUND, 0);
	if (!collectors)
		return -ENOMEM;
	removals = alloc_workqueue("xt_pknock_removal", WQ_UNBOUND, 0);
	if (!removals)
		goto err_collectors;
	err = register_pernet_subsys(&pknock_net_ops);
	if (err)
		goto err_removals;
	return 0;

err_removals:
	destroy_workqueue(removals);
err_collectors:
	destroy_workqueue(collectors);
	return err;
}

/* When no rule is left. Also waits for removals that are freeing a door. */
void pknock_doors_unregister(void)
{
	unregister_pernet_subsys(&pknock_net_ops);
	destroy_workqueue(removals);
	destroy_workqueue(collectors);
}
