// SPDX-License-Identifier: GPL-2.0-only
/* The command peer-get. */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include "door.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "peer_message.h"

#define BATCH 32

/**
 * struct peer_dump - how far a dump of peers has come
 * @begun:	somewhere
 * @name:	of the only door that is asked for, or NULL; in the request
 * @filter:	the only address, family 0 for all; its prefix, if it has one
 * @door:	whose peers are dumped, held; NULL before the first and after
 *		the last
 * @half_open:	its open ones are through
 * @views:	a batch of open peers
 * @count:	how many those are
 * @next:	the first that was not written yet
 * @cursor:	behind the batch
 * @walk:	after the last half-open one that was written
 */
struct peer_dump {
	bool begun;
	const char *name;
	struct pknock_source filter;
	struct pknock_door *door;
	bool half_open;
	unsigned int count;
	unsigned int next;
	struct pknock_peer_view views[BATCH];
	struct pknock_peer_cursor cursor;
	struct pknock_table_walk walk;
};

/* Netlink keeps the pointer from call to call. */
static struct peer_dump **dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct peer_dump *) > sizeof(cb->ctx));
	return (struct peer_dump **)cb->ctx;
}

static void *put_header(struct sk_buff *skb, struct netlink_callback *cb,
			u8 command)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &pknock_nl_family, NLM_F_MULTI, command);
}

static bool is_wanted(const struct peer_dump *dump,
		      const struct pknock_source *source)
{
	const struct pknock_source *filter = &dump->filter;
	__be32 mask[4];
	unsigned int word;

	if (filter->prefix && filter->prefix != source->prefix)
		return false;
	if (!filter->family)
		return true;
	if (filter->family != source->family)
		return false;
	pknock_prefix_mask(mask, source->prefix);
	for (word = 0; word < ARRAY_SIZE(mask); word++)
		if ((filter->address[word] & mask[word]) !=
		    source->address[word])
			return false;
	return true;
}

static int put_open(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct peer_dump *dump,
		    const struct pknock_peer_view *peer)
{
	u64 now = pknock_now();
	void *header;

	if (now >= peer->expires || !is_wanted(dump, &peer->source))
		return 0;
	header = put_header(skb, cb, PKNOCK_CMD_PEER_GET);
	if (!header)
		return -EMSGSIZE;
	if (pknock_peer_put_source(skb, dump->door->name, &peer->source) ||
	    nla_put_u32(skb, PKNOCK_A_PEER_STATE, PKNOCK_STATE_OPEN) ||
	    pknock_peer_put_grant(skb, peer->origin, peer->protocol,
				  peer->knocks) ||
	    (peer->expires != PKNOCK_NEVER &&
	     pknock_peer_put_ttl(skb, peer->expires - now))) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int put_half_open(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct peer_dump *dump,
			 const struct pknock_half_peer *peer)
{
	struct pknock_half_table *table = &dump->door->half_open;
	struct pknock_progress progress;
	u64 now = pknock_now(), deadline;
	void *header;

	spin_lock_bh(&table->lock);
	progress = peer->progress;
	spin_unlock_bh(&table->lock);
	deadline = pknock_progress_deadline(&progress);

	if (!progress.accepted || now >= deadline ||
	    !is_wanted(dump, &peer->key.source))
		return 0;
	header = put_header(skb, cb, PKNOCK_CMD_PEER_GET);
	if (!header)
		return -EMSGSIZE;
	if (pknock_peer_put_source(skb, dump->door->name, &peer->key.source) ||
	    nla_put_u32(skb, PKNOCK_A_PEER_STATE, PKNOCK_STATE_HALF_OPEN) ||
	    nla_put_u8(skb, PKNOCK_A_PEER_PROTOCOL, progress.protocol) ||
	    nla_put_u8(skb, PKNOCK_A_PEER_KNOCKS, progress.accepted) ||
	    pknock_peer_put_ttl(skb, deadline - now)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int dump_open(struct sk_buff *skb, struct netlink_callback *cb,
		     struct peer_dump *dump)
{
	int err;

	for (;;) {
		for (; dump->next < dump->count; dump->next++) {
			err = put_open(skb, cb, dump, &dump->views[dump->next]);
			if (err)
				return err;
		}
		dump->next = 0;
		dump->count = pknock_peer_cursor_read(
			&dump->door->peers, &dump->cursor, dump->views, BATCH);
		if (!dump->count)
			return 0;
		cond_resched(); /* a filter may leave nothing to write */
	}
}

static int dump_half_open(struct sk_buff *skb, struct netlink_callback *cb,
			  struct peer_dump *dump)
{
	struct pknock_table_walk walk = dump->walk;
	void *entry;
	int err = 0;

	rcu_read_lock();
	while ((entry = pknock_table_next(&dump->door->half_open.hash,
					  &walk))) {
		err = put_half_open(skb, cb, dump, entry);
		if (err)
			break;
		dump->walk = walk;
	}
	rcu_read_unlock();
	return err;
}

static void enter_open(struct peer_dump *dump)
{
	dump->half_open = false;
	dump->count = 0;
	dump->next = 0;
	pknock_peer_cursor_enter(&dump->door->peers, &dump->cursor);
}

static void enter_half_open(struct peer_dump *dump)
{
	pknock_peer_cursor_exit(&dump->door->peers, &dump->cursor);
	dump->half_open = true;
	dump->walk = (struct pknock_table_walk){};
}

static void leave(struct peer_dump *dump)
{
	if (!dump->half_open)
		pknock_peer_cursor_exit(&dump->door->peers, &dump->cursor);
}

/* Go to the next door, or to the first; NULL after the last. */
static void next_door(struct peer_dump *dump, struct net *net)
{
	struct pknock_door *previous = dump->door;

	if (previous)
		leave(dump);
	if (!dump->name) {
		dump->door = pknock_door_next(net, previous);
	} else if (!previous) {
		dump->door = pknock_door_find(net, dump->name);
	} else {
		pknock_door_release(previous);
		dump->door = NULL;
	}
	if (dump->door)
		enter_open(dump);
}

/* Return: 0 when all of the door's peers are written, else -EMSGSIZE. */
static int dump_door(struct sk_buff *skb, struct netlink_callback *cb,
		     struct peer_dump *dump)
{
	int err;

	if (!dump->half_open) {
		err = dump_open(skb, cb, dump);
		if (err)
			return err;
		enter_half_open(dump);
	}
	return dump_half_open(skb, cb, dump);
}

int pknock_nl_peer_get_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct peer_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	int err;

	if (!dump)
		return -ENOMEM;
	err = pknock_netlink_source(attrs, cb->extack, &dump->filter);
	if (err) {
		kfree(dump);
		return err;
	}
	if (attrs[PKNOCK_A_PEER_DOOR])
		dump->name = nla_data(attrs[PKNOCK_A_PEER_DOOR]);
	*dump_of(cb) = dump;
	return 0;
}

int pknock_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct peer_dump *dump = *dump_of(cb);
	struct net *net = sock_net(skb->sk);

	if (!dump->begun) {
		dump->begun = true;
		next_door(dump, net);
	}
	while (dump->door && !dump_door(skb, cb, dump))
		next_door(dump, net);
	return skb->len;
}

int pknock_nl_peer_get_done(struct netlink_callback *cb)
{
	struct peer_dump *dump = *dump_of(cb);

	if (dump->door) {
		leave(dump);
		pknock_door_release(dump->door);
	}
	kfree(dump);
	return 0;
}
