// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "doors.h"
#include "procfs.h"

#define LINGER_SECONDS 60
#define FLUSH_BATCH 16

static unsigned int gc_interval = 10;
module_param(gc_interval, uint, 0644);
MODULE_PARM_DESC(gc_interval,
		 "Seconds between two collections of a door's expired peers");

static struct workqueue_struct *workers __ro_after_init;

void pknock_door_stir(struct pknock_door *door)
{
	unsigned long seconds = clamp(READ_ONCE(gc_interval), 1U, 3600U);

	if (!delayed_work_pending(&door->collector))
		queue_delayed_work(workers, &door->collector, seconds * HZ);
}

/* For the reader of a door's file. */
struct net *pknock_door_net(const struct pknock_door *door)
{
	return door->doors->net;
}

/*
 * Whom to tell of events, or NULL once nobody may be told any more.
 * Context: RCU, as long as the namespace is used.
 */
struct net *pknock_door_listeners(const struct pknock_door *door)
{
	return READ_ONCE(door->doors->listeners);
}

/*
 * The last to let go frees it: it has no rules, no file and is in no list then.
 * Context: process, no mutex.
 */
void pknock_door_release(struct pknock_door *door)
{
	if (!refcount_dec_and_test(&door->refs))
		return;
	cancel_delayed_work_sync(&door->collector);
	pknock_tokens_destroy(&door->tokens);
	pknock_half_table_destroy(&door->half_open);
	pknock_peer_table_destroy(&door->peers);
	pknock_doors_put(door->doors);
	kvfree(door);
}

/*
 * Take a door that is .leaving off its list. Its name stays taken until its
 * file is gone. Returns whether no rule holds it.
 */
bool pknock_door_depart(struct pknock_door *door)
{
	struct pknock_doors *doors = door->doors;
	bool unused;

	pknock_procfs_remove(door->proc);

	mutex_lock(&doors->mutex);
	hlist_del_init(&door->node);
	list_del_init(&door->order);
	WRITE_ONCE(doors->departures, doors->departures + 1);
	unused = !door->rules;
	wake_up_all(&doors->departed);
	mutex_unlock(&doors->mutex);
	return unused;
}

/*
 * Close the door for all who are there now, not for those who come meanwhile,
 * and tell of it; forget who is on the way. Context: process.
 */
void pknock_door_flush(struct pknock_door *door)
{
	struct pknock_peer_table *peers = &door->peers;
	struct pknock_peer_view views[FLUSH_BATCH];
	struct pknock_peer_cursor cursor;
	unsigned int left, read, i;

	pknock_half_flush(&door->half_open);
	left = READ_ONCE(peers->hash.count);
	pknock_peer_cursor_enter(peers, &cursor);
	while (left) {
		read = pknock_peer_cursor_read(peers, &cursor, views,
					       min_t(unsigned int, left,
						     ARRAY_SIZE(views)));
		if (!read)
			break;
		for (i = 0; i < read; i++)
			if (pknock_peer_close(peers, &views[i].source))
				pknock_event_revoked(door, &views[i].source);
		left -= read;
		cond_resched();
	}
	pknock_peer_cursor_exit(peers, &cursor);
}

static void remove_door(struct work_struct *work)
{
	struct pknock_door *door =
		container_of(work, struct pknock_door, removal);

	pknock_door_depart(door); /* nobody can have taken it up */
	pknock_door_flush(door);
	pknock_door_release(door);
}

int pknock_door_add_reader(struct pknock_door *door)
{
	struct mutex *mutex = &door->doors->mutex;
	bool leaving;

	mutex_lock(mutex);
	leaving = door->leaving;
	if (!leaving)
		door->readers++;
	mutex_unlock(mutex);
	return leaving ? -ENOENT : 0;
}

void pknock_door_drop_reader(struct pknock_door *door)
{
	struct mutex *mutex = &door->doors->mutex;

	mutex_lock(mutex);
	door->readers--;
	mutex_unlock(mutex);
}

/* Is there nothing left that a rule of this name would want to know? */
static bool is_over_locked(struct pknock_door *door)
{
	return !door->rules && pknock_now() >= door->linger_until &&
	       pknock_tokens_empty(&door->tokens);
}

/*
 * A door that is over leaves. While its file is open, which may be for ever,
 * it is only emptied: its removal would wait for who is in a read.
 */
void pknock_door_end_locked(struct pknock_door *door)
{
	lockdep_assert_held(&door->doors->mutex);
	if (!is_over_locked(door))
		return;
	if (door->readers) {
		pknock_door_flush(door);
		return;
	}
	door->leaving = true;
	queue_work(workers, &door->removal);
}

static bool has_to_collect(struct pknock_door *door)
{
	return READ_ONCE(door->half_open.hash.count) ||
	       READ_ONCE(door->peers.hash.count) ||
	       !pknock_tokens_empty(&door->tokens);
}

static void tell_expired(struct pknock_peer_table *peers,
			 const struct pknock_peer_view *peer)
{
	struct pknock_door *door =
		container_of(peers, struct pknock_door, peers);

	pknock_event_expired(door, &peer->source, peer->expires);
}

static void collect(struct work_struct *work)
{
	struct pknock_door *door = container_of(to_delayed_work(work),
						struct pknock_door, collector);
	u64 now = pknock_now();

	pknock_half_table_collect(&door->half_open, now);
	pknock_peer_table_collect(&door->peers, now, tell_expired);
	pknock_tokens_collect(&door->tokens);

	mutex_lock(&door->doors->mutex);
	if (!door->leaving)
		pknock_door_end_locked(door);
	if (!door->leaving && (!door->rules || has_to_collect(door)))
		pknock_door_stir(door);
	mutex_unlock(&door->doors->mutex);
}

/* Context: process, the mutex in hand. Return: the door or an ERR_PTR. */
struct pknock_door *pknock_door_create_locked(struct pknock_doors *doors,
					      const char *name)
{
	struct pknock_door *door;

	lockdep_assert_held(&doors->mutex);
	door = kvzalloc(sizeof(*door), GFP_KERNEL_ACCOUNT);
	if (!door)
		return ERR_PTR(-ENOMEM);
	strscpy(door->name, name, sizeof(door->name));
	door->doors = doors;
	door->prefixes[0] = pknock_address_bits(NFPROTO_IPV4);
	door->prefixes[1] = pknock_address_bits(NFPROTO_IPV6);
	pknock_peer_table_init(&door->peers);
	pknock_half_table_init(&door->half_open);
	pknock_tokens_init(&door->tokens);
	INIT_DELAYED_WORK(&door->collector, collect);
	INIT_WORK(&door->removal, remove_door);
	door->proc = pknock_procfs_add(doors->proc, doors->net, door);
	if (!door->proc) {
		kvfree(door);
		return ERR_PTR(-ENOMEM);
	}
	refcount_inc(&doors->refs);
	refcount_set(&door->refs, 1);
	door->id = ++doors->last_id;
	list_add_tail(&door->order, &doors->order);
	hlist_add_head(&door->node, pknock_doors_list(doors, name));
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
	WRITE_ONCE(door->rules, door->rules - 1);
	if (!door->rules) {
		door->linger_until =
			pknock_now() + (u64)LINGER_SECONDS * NSEC_PER_SEC;
		orphan = hlist_unhashed(&door->node);
		if (!door->leaving)
			mod_delayed_work(workers, &door->collector,
					 LINGER_SECONDS * HZ + 1);
	}
	mutex_unlock(&doors->mutex);
	pknock_doors_put(doors);
	if (orphan)
		pknock_door_release(door);
}

int __init pknock_door_workers_init(void)
{
	workers = alloc_workqueue("xt_pknock", WQ_UNBOUND, 0);
	return workers ? 0 : -ENOMEM;
}

/* Waits for removals that are freeing a door. */
void pknock_door_workers_exit(void)
{
	destroy_workqueue(workers);
}
