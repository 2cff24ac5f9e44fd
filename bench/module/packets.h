/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown to the match: packets in turn, from sources in turn. */
#ifndef BENCH_PACKETS_H
#define BENCH_PACKETS_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>

#define BENCH_PACKETS_MAX 65536

/**
 * struct bench_packets - a ring of packets
 * @ring:	them
 * @count:	how many
 * @next:	whose turn it is
 * @transport:	where the TCP or UDP header begins
 * @source:	where in the network header the source's last 32 bits are
 * @sources:	how many sources take turns; 0 leaves the packets as they are
 * @first:	the lowest of the sources' last 32 bits
 * @stride:	from one source to the next, modulo @sources; coprime to it, so
 *		that all take their turn, and in no order that a cache foresees
 * @index:	the present source's
 */
struct bench_packets {
	struct sk_buff **ring;
	unsigned int count;
	unsigned int next;
	unsigned int transport;
	unsigned int source;
	u32 sources;
	u32 first;
	u32 stride;
	u32 index;
};

int bench_packets_init(struct bench_packets *packets, u8 family);
int bench_packets_copy(struct bench_packets *to,
		       const struct bench_packets *from);
void bench_packets_release(struct bench_packets *packets);
int bench_packets_add(struct bench_packets *packets, const u8 *bytes,
		      size_t len);
void bench_packets_drop(struct bench_packets *packets);
int bench_packets_set_sources(struct bench_packets *packets, u32 first,
			      u32 sources, u32 stride);

/* Part of what is timed, for all subjects alike. */
static inline struct sk_buff *bench_packets_next(struct bench_packets *packets)
{
	struct sk_buff *skb = packets->ring[packets->next];

	if (++packets->next == packets->count)
		packets->next = 0;
	if (packets->sources) {
		__be32 source = htonl(packets->first + packets->index);

		memcpy(skb_network_header(skb) + packets->source, &source,
		       sizeof(source));
		packets->index += packets->stride;
		if (packets->index >= packets->sources)
			packets->index -= packets->sources;
	}
	return skb;
}

#endif
