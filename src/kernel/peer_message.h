/* SPDX-License-Identifier: GPL-2.0-only */
/* The attribute set "peer", written. All return 0 or -EMSGSIZE. */
#ifndef PKNOCK_PEER_MESSAGE_H
#define PKNOCK_PEER_MESSAGE_H

#include <linux/math64.h>
#include <linux/time64.h>
#include <net/netlink.h>
#include "source.h"
#include "uapi/pknock.h"

static inline int pknock_peer_put_source(struct sk_buff *skb, const char *door,
					 const struct pknock_source *source)
{
	int err = nla_put_string(skb, PKNOCK_A_PEER_DOOR, door);

	if (err)
		return err;
	if (source->family == NFPROTO_IPV6)
		err = nla_put(skb, PKNOCK_A_PEER_IPV6, sizeof(source->address),
			      source->address);
	else
		err = nla_put_be32(skb, PKNOCK_A_PEER_IPV4, source->address[0]);
	return err ?: nla_put_u8(skb, PKNOCK_A_PEER_PREFIX, source->prefix);
}

static inline int pknock_peer_put_grant(struct sk_buff *skb, u8 origin,
					u8 protocol, u8 knocks)
{
	return nla_put_u32(skb, PKNOCK_A_PEER_ORIGIN, origin)		 ?:
		       nla_put_u8(skb, PKNOCK_A_PEER_PROTOCOL, protocol) ?:
		       nla_put_u8(skb, PKNOCK_A_PEER_KNOCKS, knocks);
}

/* @left: nanoseconds; rounded up, so that what is alive has some */
static inline int pknock_peer_put_ttl(struct sk_buff *skb, u64 left)
{
	return nla_put_u64_64bit(skb, PKNOCK_A_PEER_TTL,
				 div_u64(left + NSEC_PER_MSEC - 1,
					 NSEC_PER_MSEC),
				 PKNOCK_A_PEER_PAD);
}

#endif
