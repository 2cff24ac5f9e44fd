// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
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

struct pknock_net {
	struct hlist_head doors[1 << DOOR_LIST_BITS]; /* by name */
	struct proc_dir_entry *proc;		      /* /proc/net/xt_pknock */
};

static unsigned int pknock_net_id __read_mostly;
static struct workqueue_struct *collectors __ro_after_init;

/* Every namespace's doors: their lists, .net, .rules and .linger_until. */
static DEFINE_MUTEX(doors_mutex);

static struct hlist_head *door_list(struct net *net, const char *name)
{
	struct pknock_net *pn = net_generic(net, pknock_net_id);
	u32 hash = full_name_hash(NULL, name, strlen(name));

	return &pn->doors[hash_32(hash, DOOR_LIST_BITS)];
}

static struct pknock_door *lookup_locked(struct net *net, const char *name)
{
	struct pknock_door *door;

	lockdep_assert_held(&doors_mutex);
	hlist_for_each_entry (door, door_list(net, name), node)
		if (!strcmp(door->name, name))
			return door;
	return NULL;
}

/* With doors_mutex or, to start the first collection, without. */
static void schedule_collection(struct pknock_door *door)
{
	unsigned long seconds = clamp(READ_ONCE(gc_interval), 1U, 3600U);

	if (!delayed_work_pending(&door->collector))
		queue_delayed_work(collectors, &door->collector, seconds * HZ);
}

static void unlink_locked(struct pknock_door *door)
{
	lockdep_assert_held(&doors_mutex);
	hlist_del(&door->node);
	door->net = NULL;
	/* Now: a new door of this name may want its file in a moment. */
	pknock_procfs_remove(door->proc);
	door->proc = NULL;
}

/* An unlinked door without rules, whose collector does not run any more. */
static void free_door(struct pknock_door *door)
{
	pknock_tokens_destroy(&door->tokens);
	pknock_half_table_destroy(&door->half_open);
	pknock_peer_table_destroy(&door->peers);
	kvfree(door);
}

/* Without doors_mutex: the collector may be waiting for it. */
static void stop_and_free_door(struct pknock_door *door)
{
	cancel_delayed_work_sync(&door->collector);
	free_door(door);
}

static bool is_over_locked(struct pknock_door *door)
{
	lockdep_assert_held(&doors_mutex);
	return !door->rules && pknock_now() >= door->linger_until &&
	       pknock_tokens_empty(&door->tokens);
}

static void collect(struct work_struct *work)
{
	struct pknock_door *door = container_of(to_delayed_work(work),
						struct pknock_door, collector);
	u64 now = pknock_now();
	bool done = false, empty;

	pknock_half_table_collect(&door->half_open, now);
	pknock_peer_table_collect(&door->peers, now);
	pknock_tokens_collect(&door->tokens);
	empty = !READ_ONCE(door->half_open.count) &&
		!READ_ONCE(door->peers.count);

	mutex_lock(&doors_mutex);
	if (door->net) { /* else whoever unlinked it frees it */
		done = is_over_locked(door);
		if (done)
			unlink_locked(door);
		else if (!empty || !door->rules ||
			 !pknock_tokens_empty(&door->tokens))
			schedule_collection(door);
	}
	mutex_unlock(&doors_mutex);
	if (done)
		free_door(door);
}

static struct pknock_door *create_locked(struct net *net, const char *name)
{
	struct pknock_net *pn = net_generic(net, pknock_net_id);
	struct pknock_door *door;
	int err;

	lockdep_assert_held(&doors_mutex);
	door = kvzalloc(sizeof(*door), GFP_KERNEL_ACCOUNT);
	if (!door)
		return ERR_PTR(-ENOMEM);
	strscpy(door->name, name, sizeof(door->name));
	door->net = net;
	pknock_tokens_init(&door->tokens);
	INIT_DELAYED_WORK(&door->collector, collect);

	err = pknock_peer_table_init(&door->peers);
	if (err)
		goto err_free;
	err = pknock_half_table_init(&door->half_open);
	if (err)
		goto err_peers;
	door->proc = pknock_procfs_add(pn->proc, net, door);
	if (!door->proc) {
		err = -ENOMEM;
		goto err_half_open;
	}
	hlist_add_head(&door->node, door_list(net, name));
	return door;

err_half_open:
	pknock_half_table_destroy(&door->half_open);
err_peers:
	pknock_peer_table_destroy(&door->peers);
err_free:
	kvfree(door);
	return ERR_PTR(err);
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
	struct pknock_door *door, *over = NULL;

	mutex_lock(&doors_mutex);
	door = lookup_locked(net, name);
	if (door && is_over_locked(door)) {
		unlink_locked(door);
		over = door;
		door = NULL;
	}
	if (!door)
		door = create_locked(net, name);
	if (!IS_ERR(door))
		door->rules++;
	mutex_unlock(&doors_mutex);
	if (over)
		stop_and_free_door(over);
	return door;
}

/* When no packet can be in the rule any more. Context: process. */
void pknock_door_put(struct pknock_door *door)
{
	bool orphan = false;

	mutex_lock(&doors_mutex);
	if (!--door->rules) {
		door->linger_until =
			pknock_now() + (u64)LINGER_SECONDS * NSEC_PER_SEC;
		orphan = !door->net;
		if (!orphan)
			mod_delayed_work(collectors, &door->collector,
					 LINGER_SECONDS * HZ + 1);
	}
	mutex_unlock(&doors_mutex);
	if (orphan)
		stop_and_free_door(door);
}

/* Context: any, from within a rule that holds the door. */
void pknock_door_open(struct pknock_door *door,
		      const struct pknock_source *source,
		      const struct pknock_grant *grant)
{
	if (!pknock_peer_open(&door->peers, source, grant))
		schedule_collection(door);
}

/**
 * pknock_door_knock - a knock at a door that is not open for its source
 * @door:	the rule's
 * @source:	who knocks
 * @sequence:	the rule's
 * @knock:	of a protocol that the sequence hears
 * @max_peers:	the rule's cap of half-open peers
 * @ttl:	nanoseconds that the rule opens the door for, 0 = for ever
 *
 * Context: any, from within a rule that holds the door.
 */
void pknock_door_knock(struct pknock_door *door,
		       const struct pknock_source *source,
		       const struct pknock_sequence *sequence,
		       const struct pknock_knock *knock, unsigned int max_peers,
		       u64 ttl)
{
	const struct pknock_grant grant = {
		.ttl = ttl,
		.protocol = knock->protocol,
		.knocks = sequence->length,
	};

	if (pknock_half_knock(&door->half_open, source, sequence, knock,
			      max_peers))
		pknock_door_open(door, source, &grant);
	else if (READ_ONCE(door->half_open.count))
		schedule_collection(door);
}

static int __net_init pknock_net_init(struct net *net)
{
	struct pknock_net *pn = net_generic(net, pknock_net_id);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pn->doors); i++)
		INIT_HLIST_HEAD(&pn->doors[i]);
	pn->proc = pknock_procfs_init(net);
	return pn->proc ? 0 : -ENOMEM;
}

/*
 * Rules may outlive this: their tables' own exit can come later. They keep
 * their doors, which are orphans from here on; the last rule frees its door.
 */
static void __net_exit pknock_net_exit(struct net *net)
{
	struct pknock_net *pn = net_generic(net, pknock_net_id);
	struct pknock_door *door;
	struct hlist_node *next;
	HLIST_HEAD(unused);
	unsigned int i;

	mutex_lock(&doors_mutex);
	for (i = 0; i < ARRAY_SIZE(pn->doors); i++) {
		hlist_for_each_entry_safe(door, next, &pn->doors[i], node)
		{
			unlink_locked(door);
			if (!door->rules)
				hlist_add_head(&door->node, &unused);
		}
	}
	mutex_unlock(&doors_mutex);
	pknock_procfs_exit(net);

	hlist_for_each_entry_safe(door, next, &unused, node)
		stop_and_free_door(door);
}

static struct pernet_operations pknock_net_ops = {
	.init = pknock_net_init,
	.exit = pknock_net_exit,
	.id = &pknock_net_id,
	.size = sizeof(struct pknock_net),
};

int __init pknock_doors_init(void)
{
	int err;

	collectors = alloc_workqueue("xt_pknock", WQ_UNBOUND, 0);
	if (!collectors)
		return -ENOMEM;
	err = register_pernet_subsys(&pknock_net_ops);
	if (err)
		destroy_workqueue(collectors);
	return err;
}

/* When no rule is left. Also waits for collections that are freeing a door. */
void pknock_doors_exit(void)
{
	unregister_pernet_subsys(&pknock_net_ops);
	destroy_workqueue(collectors);
}
