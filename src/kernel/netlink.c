// SPDX-License-Identifier: GPL-2.0-only
#include <linux/limits.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include "check.h"
#include "door.h"
#include "netlink.h"
#include "netlink_gen.h"

/**
 * pknock_netlink_source - whom a request is about
 * @attrs:	of the set "peer"
 * @extack:	for what is wrong
 * @source:	family 0 if the request names nobody; prefix 0 if it has none
 *
 * Return: 0 or -EINVAL.
 */
int pknock_netlink_source(struct nlattr **attrs, struct netlink_ext_ack *extack,
			  struct pknock_source *source)
{
	const struct nlattr *ipv4 = attrs[PKNOCK_A_PEER_IPV4];
	const struct nlattr *ipv6 = attrs[PKNOCK_A_PEER_IPV6];
	const struct nlattr *prefix = attrs[PKNOCK_A_PEER_PREFIX];

	memset(source, 0, sizeof(*source));
	if (ipv4 && ipv6) {
		NL_SET_ERR_MSG(extack, "an IPv4 and an IPv6 address at once");
		return -EINVAL;
	}
	if (ipv4) {
		source->family = NFPROTO_IPV4;
		source->address[0] = nla_get_be32(ipv4);
	} else if (ipv6) {
		source->family = NFPROTO_IPV6;
		nla_memcpy(source->address, ipv6, sizeof(source->address));
	}
	if (!prefix)
		return 0;
	source->prefix = nla_get_u8(prefix);
	if (source->prefix > pknock_address_bits(source->family)) {
		NL_SET_ERR_MSG_ATTR(extack, prefix,
				    "the prefix is longer than the address");
		return -EINVAL;
	}
	return 0;
}

/* One that is needed, completed from the door's newest rule, and masked. */
static int read_source(struct genl_info *info, const struct pknock_door *door,
		       struct pknock_source *source)
{
	int err = pknock_netlink_source(info->attrs, info->extack, source);
	__be32 mask[4];
	unsigned int word;

	if (err)
		return err;
	if (!source->family) {
		NL_SET_ERR_MSG(info->extack, "an address is missing");
		return -EINVAL;
	}
	if (!info->attrs[PKNOCK_A_PEER_PREFIX])
		source->prefix = pknock_door_prefix(door, source->family);
	pknock_prefix_mask(mask, source->prefix);
	for (word = 0; word < ARRAY_SIZE(mask); word++)
		source->address[word] &= mask[word];
	return 0;
}

static int read_ttl(struct genl_info *info, u64 *ttl)
{
	const struct nlattr *attr = info->attrs[PKNOCK_A_PEER_TTL];
	u64 milliseconds = attr ? nla_get_u64(attr) : 0;

	if (milliseconds > (u64)U32_MAX * MSEC_PER_SEC) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "longer than a rule's --ttl can be");
		return -ERANGE;
	}
	*ttl = milliseconds * NSEC_PER_MSEC;
	return 0;
}

static const char *read_name(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[PKNOCK_A_PEER_DOOR];

	if (!attr)
		NL_SET_ERR_MSG(info->extack, "the door's name is missing");
	return attr ? nla_data(attr) : NULL;
}

/* Held; or an ERR_PTR. */
static struct pknock_door *find_door(struct genl_info *info)
{
	const char *name = read_name(info);
	struct pknock_door *door;

	if (!name)
		return ERR_PTR(-EINVAL);
	door = pknock_door_find(genl_info_net(info), name);
	if (!door) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[PKNOCK_A_PEER_DOOR],
				    "there is no such door");
		return ERR_PTR(-ENOENT);
	}
	return door;
}

/* Held as by a rule: what is put into it is there for a minute at least. */
static struct pknock_door *create_door(struct genl_info *info)
{
	const char *name = read_name(info);

	if (!name)
		return ERR_PTR(-EINVAL);
	if (!pknock_is_name(name)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[PKNOCK_A_PEER_DOOR],
				    "no door can be called that");
		return ERR_PTR(-EINVAL);
	}
	return pknock_door_get(genl_info_net(info), name);
}

static int add_peer(struct genl_info *info, struct pknock_door *door)
{
	struct pknock_grant grant = {.origin = PKNOCK_ORIGIN_ADMIN};
	struct pknock_opening opening;
	struct pknock_source source;
	int err =
		read_source(info, door, &source) ?: read_ttl(info, &grant.ttl);

	if (err)
		return err;
	if (info->attrs[PKNOCK_A_PEER_EXCLUSIVE] &&
	    pknock_peer_is_open(&door->peers, &source)) {
		NL_SET_ERR_MSG(info->extack, "the door is open for it already");
		return -EEXIST;
	}
	err = pknock_peer_open(&door->peers, &source, &grant, &opening);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack,
			       "the door is open for as many as it can be");
	if (err)
		return err;
	pknock_event_opened(door, &source, &grant, &opening);
	pknock_door_stir(door);
	return 0;
}

int pknock_nl_peer_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const bool create = info->attrs[PKNOCK_A_PEER_CREATE];
	struct pknock_door *door = create ? create_door(info) : find_door(info);
	int err;

	if (IS_ERR(door))
		return PTR_ERR(door);
	err = add_peer(info, door);
	if (create)
		pknock_door_put(door);
	else
		pknock_door_release(door);
	return err;
}

static int delete_peer(struct genl_info *info, struct pknock_door *door)
{
	struct pknock_source source;
	int err = read_source(info, door, &source);

	if (err)
		return err;
	if (!pknock_peer_close(&door->peers, &source)) {
		NL_SET_ERR_MSG(info->extack, "the door is not open for it");
		return -ENOENT;
	}
	pknock_event_revoked(door, &source);
	return 0;
}

int pknock_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pknock_door *door = find_door(info);
	int err;

	if (IS_ERR(door))
		return PTR_ERR(door);
	err = delete_peer(info, door);
	pknock_door_release(door);
	return err;
}

static void flush_all(struct net *net)
{
	struct pknock_door *door = NULL;

	while ((door = pknock_door_next(net, door)))
		pknock_door_flush(door);
}

int pknock_nl_peer_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pknock_door *door;

	if (!info->attrs[PKNOCK_A_PEER_DOOR]) {
		flush_all(genl_info_net(info));
		return 0;
	}
	door = find_door(info);
	if (IS_ERR(door))
		return PTR_ERR(door);
	pknock_door_flush(door);
	pknock_door_release(door);
	return 0;
}

int __init pknock_netlink_init(void)
{
	return genl_register_family(&pknock_nl_family);
}

void pknock_netlink_exit(void)
{
	genl_unregister_family(&pknock_nl_family);
}
