// SPDX-License-Identifier: GPL-2.0-only
#include <linux/gcd.h>
#include <linux/if_ether.h>
#include <linux/mm.h>
#include "packets.h"

int bench_packets_init(struct bench_packets *packets, u8 family)
{
	const bool is_ipv6 = family == NFPROTO_IPV6;

	packets->ring =
		kvcalloc(BENCH_PACKETS_MAX, sizeof(*packets->ring), GFP_KERNEL);
	if (!packets->ring)
		return -ENOMEM;
	packets->transport =
		is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	packets->source = is_ipv6 ? offsetof(struct ipv6hdr, saddr) + 12 :
				    offsetof(struct iphdr, saddr);
	return 0;
}

/* Forget all packets; the sources stay. */
void bench_packets_drop(struct bench_packets *packets)
{
	while (packets->count)
		kfree_skb(packets->ring[--packets->count]);
	packets->next = 0;
}

void bench_packets_release(struct bench_packets *packets)
{
	bench_packets_drop(packets);
	kvfree(packets->ring);
}

/* Add a packet; @bytes begin with its IP header, which has no options. */
int bench_packets_add(struct bench_packets *packets, const u8 *bytes,
		      size_t len)
{
	struct sk_buff *skb;

	if (len < packets->transport)
		return -EINVAL;
	if (packets->count == BENCH_PACKETS_MAX)
		return -ENOSPC;
	skb = alloc_skb(len + NET_SKB_PAD, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, bytes, len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, packets->transport);
	skb->protocol = htons(packets->transport == sizeof(struct ipv6hdr) ?
				      ETH_P_IPV6 :
				      ETH_P_IP);
	packets->ring[packets->count++] = skb;
	return 0;
}

/* @to is zeroed, and to be released even after an error. */
int bench_packets_copy(struct bench_packets *to,
		       const struct bench_packets *from)
{
	*to = *from;
	to->count = 0;
	to->next = 0;
	to->index = 0;
	to->ring = kvcalloc(from->count, sizeof(*to->ring), GFP_KERNEL);
	if (!to->ring)
		return -ENOMEM;
	while (to->count < from->count) {
		struct sk_buff *skb =
			skb_copy(from->ring[to->count], GFP_KERNEL);

		if (!skb)
			return -ENOMEM;
		to->ring[to->count++] = skb;
	}
	return 0;
}

int bench_packets_set_sources(struct bench_packets *packets, u32 first,
			      u32 sources, u32 stride)
{
	/* So that an index and a stride together fit into 32 bits. */
	if (sources > U32_MAX / 2 || (sources && gcd(sources, stride) != 1) ||
	    (sources > 1 && stride >= sources))
		return -EINVAL;
	packets->first = first;
	packets->sources = sources;
	packets->stride = sources > 1 ? stride : 0;
	packets->index = 0;
	return 0;
}
