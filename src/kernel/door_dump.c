// SPDX-License-Identifier: GPL-2.0-only
/* The command door-get. */
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include "door.h"
#include "netlink_gen.h"

static int put_door(struct sk_buff *skb, struct netlink_callback *cb,
		    struct pknock_door *door)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &pknock_nl_family,
				   NLM_F_MULTI, PKNOCK_CMD_DOOR_GET);
	struct nlattr *counters;

	if (!header)
		return -EMSGSIZE;
	if (nla_put_string(skb, PKNOCK_A_DOOR_NAME, door->name) ||
	    nla_put_u32(skb, PKNOCK_A_DOOR_RULES, READ_ONCE(door->rules)) ||
	    nla_put_u32(skb, PKNOCK_A_DOOR_OPEN,
			READ_ONCE(door->peers.hash.count)) ||
	    nla_put_u32(skb, PKNOCK_A_DOOR_HALF_OPEN,
			READ_ONCE(door->half_open.hash.count)) ||
	    nla_put_u32(skb, PKNOCK_A_DOOR_TOKENS,
			READ_ONCE(door->tokens.count)))
		goto err_header;
	counters = nla_nest_start(skb, PKNOCK_A_DOOR_COUNTERS);
	if (!counters || pknock_events_put(skb, &door->events))
		goto err_header;
	nla_nest_end(skb, counters);
	genlmsg_end(skb, header);
	return 0;

err_header:
	genlmsg_cancel(skb, header);
	return -EMSGSIZE;
}

/* Netlink keeps it from call to call: the last door that was written. */
static u64 *last_id_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(u64) > sizeof(cb->ctx));
	return (u64 *)cb->ctx;
}

int pknock_nl_door_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nlattr *name =
		genl_info_dump(cb)->attrs[PKNOCK_A_DOOR_NAME];
	struct net *net = sock_net(skb->sk);
	struct pknock_door *door = NULL;
	u64 *last_id = last_id_of(cb);

	while ((door = pknock_door_next(net, door))) {
		if (door->id <= *last_id ||
		    (name && nla_strcmp(name, door->name)))
			continue;
		if (put_door(skb, cb, door)) {
			pknock_door_release(door);
			break;
		}
		*last_id = door->id;
	}
	return skb->len;
}
