// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>
#include "packet.h"

#define HOPS 64

/* Return: 0, or -1 if it is no address. */
int address_parse(struct address *address, const char *text)
{
	address->size = strchr(text, ':') ? 16 : 4;
	return inet_pton(address->size == 16 ? AF_INET6 : AF_INET, text,
			 address->bytes) == 1 ?
		       0 :
		       -1;
}

/* The address that comes so many after another; within its last 32 bits. */
struct address address_after(const struct address *first, uint32_t count)
{
	struct address address = *first;
	uint32_t last;

	memcpy(&last, address.bytes + address.size - sizeof(last),
	       sizeof(last));
	last = htonl(ntohl(last) + count);
	memcpy(address.bytes + address.size - sizeof(last), &last,
	       sizeof(last));
	return address;
}

/* All that is summed has an even size, but for what comes last. */
static uint32_t add(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *byte = data;
	size_t i;

	for (i = 0; i < size; i++)
		sum += i % 2 ? byte[i] : byte[i] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return htons(~sum);
}

static size_t write_ip(uint8_t *packet, const struct address *source,
		       const struct address *target, uint8_t protocol,
		       size_t size)
{
	if (source->size == 16) {
		struct ip6_hdr ip6 = {.ip6_hlim = HOPS, .ip6_nxt = protocol};

		ip6.ip6_vfc = 6 << 4;
		ip6.ip6_plen = htons(size);
		memcpy(&ip6.ip6_src, source->bytes, sizeof(ip6.ip6_src));
		memcpy(&ip6.ip6_dst, target->bytes, sizeof(ip6.ip6_dst));
		memcpy(packet, &ip6, sizeof(ip6));
		return sizeof(ip6);
	} else {
		struct iphdr ip = {.version = 4, .ihl = sizeof(ip) / 4};

		ip.tot_len = htons(sizeof(ip) + size);
		ip.ttl = HOPS;
		ip.protocol = protocol;
		memcpy(&ip.saddr, source->bytes, sizeof(ip.saddr));
		memcpy(&ip.daddr, target->bytes, sizeof(ip.daddr));
		ip.check = checksum(add(0, &ip, sizeof(ip)));
		memcpy(packet, &ip, sizeof(ip));
		return sizeof(ip);
	}
}

static size_t write_tcp(uint8_t *transport, const struct knock *knock,
			uint32_t sum)
{
	struct tcphdr tcp = {
		.source = htons(knock->sport),
		.dest = htons(knock->dport),
		.seq = htonl(knock->sequence),
		.doff = sizeof(tcp) / 4,
		.syn = 1,
		.window = htons(UINT16_MAX),
	};

	tcp.check = checksum(add(sum, &tcp, sizeof(tcp)));
	memcpy(transport, &tcp, sizeof(tcp));
	return sizeof(tcp);
}

static size_t write_udp(uint8_t *transport, const struct knock *knock,
			uint32_t sum)
{
	struct udphdr udp = {
		.source = htons(knock->sport),
		.dest = htons(knock->dport),
		.len = htons(sizeof(udp) + knock->payload_size),
	};

	sum = add(sum, &udp, sizeof(udp));
	udp.check = checksum(add(sum, knock->payload, knock->payload_size));
	memcpy(transport, &udp, sizeof(udp));
	memcpy(transport + sizeof(udp), knock->payload, knock->payload_size);
	return sizeof(udp) + knock->payload_size;
}

/* Source and target are of one family. Return: the packet's size. */
size_t packet_write(uint8_t packet[PACKET_SIZE], const struct address *source,
		    const struct address *target, const struct knock *knock)
{
	const bool is_tcp = knock->protocol == IPPROTO_TCP;
	const size_t size = is_tcp ?
				    sizeof(struct tcphdr) :
				    sizeof(struct udphdr) + knock->payload_size;
	const size_t header =
		write_ip(packet, source, target, knock->protocol, size);
	uint32_t sum = knock->protocol + size;

	sum = add(sum, source->bytes, source->size);
	sum = add(sum, target->bytes, target->size);
	return header + (is_tcp ? write_tcp(packet + header, knock, sum) :
				  write_udp(packet + header, knock, sum));
}
