// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One packet from as many sources as there are, as fast as the kernel takes it.
 *
 *	packets INTERFACE MAC KIND FAMILY ORDER COUNT PORT
 *
 * KIND is syn, or token: a datagram of the length of one, with a wrong digest. FAMILY is 4 or 6.
 * ORDER is how the sources follow one another: counted, from the lowest bit; reversed, from the
 * highest; scattered, all over. They are in 10.0.0.0/8 and 2001:db8:bad::/64, none is there twice.
 * Prints how many were sent, and in how many nanoseconds. Needs CAP_NET_RAW.
 *
 * From a veth a packet has been through the other side's firewall when it has been sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define TARGET4 "192.0.2.2"
#define TARGET6 "2001:db8::2"
#define SOURCES4 "10.0.0.0"
#define SOURCES6 "2001:db8:bad::"
#define SOURCE_PORT 40000
#define TOKEN_SIZE 65
#define BATCH 64
#define FRAME_SIZE 192
/* 10.0.0.0/8 has so many; in the /64 as many are used, in its highest bits. */
#define SOURCE_BITS 24
/* Odd: multiplied by it, no two numbers of so many bits become equal. */
#define SCATTER 0x9e3779b1

struct template
{
	uint8_t frame[FRAME_SIZE];
	size_t size;
	size_t address; /* where the source's is */
	size_t address_size;
	size_t header_sum; /* where the IPv4 header's checksum is, or 0 */
	size_t sum;	   /* where the transport's is */
};

enum order {
	COUNTED,
	REVERSED,
	SCATTERED
};

static uint32_t add_words(uint32_t sum, const uint8_t *data, size_t size)
{
	size_t at;

	for (at = 0; at < size; at++)
		sum += at % 2 ? data[at] : data[at] << 8;
	return sum;
}

static void put_sum(uint8_t *place, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	place[0] = ~sum >> 8;
	place[1] = ~sum;
}

static uint32_t word_at(const uint8_t *place)
{
	return place[0] << 8 | place[1];
}

/* What the frame adds to a checksum whose field has the sum of all but the source's address. */
static void finish(uint8_t *frame, const struct template *template)
{
	uint32_t source =
		add_words(0, frame + template->address, template->address_size);

	put_sum(frame + template->sum,
		source + word_at(template->frame + template->sum));
	if (template->header_sum)
		put_sum(frame + template->header_sum,
			source + word_at(template->frame +
					 template->header_sum));
}

static size_t put_transport(uint8_t *place, const char *kind, uint16_t port)
{
	struct tcphdr *segment = (void *)place;
	struct udphdr *datagram = (void *)place;

	if (!strcmp(kind, "syn")) {
		segment->source = htons(SOURCE_PORT);
		segment->dest = htons(port);
		segment->doff = sizeof(*segment) / 4;
		segment->syn = 1;
		segment->window = htons(64240);
		return sizeof(*segment);
	}
	datagram->source = htons(SOURCE_PORT);
	datagram->dest = htons(port);
	datagram->len = htons(sizeof(*datagram) + TOKEN_SIZE);
	memset(datagram + 1, 'a', TOKEN_SIZE);
	return sizeof(*datagram) + TOKEN_SIZE;
}

static void put_ipv4(struct template *template, uint8_t protocol, size_t length)
{
	struct iphdr *ip = (void *)(template->frame + ETH_HLEN);

	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(sizeof(*ip) + length);
	ip->ttl = 64;
	ip->protocol = protocol;
	inet_pton(AF_INET, TARGET4, &ip->daddr);
	template->address = ETH_HLEN + offsetof(struct iphdr, saddr);
	template->address_size = sizeof(ip->saddr);
	template->header_sum = ETH_HLEN + offsetof(struct iphdr, check);
}

static void put_ipv6(struct template *template, uint8_t protocol, size_t length)
{
	struct ip6_hdr *ip = (void *)(template->frame + ETH_HLEN);

	ip->ip6_flow = htonl(6 << 28);
	ip->ip6_plen = htons(length);
	ip->ip6_nxt = protocol;
	ip->ip6_hlim = 64;
	inet_pton(AF_INET6, TARGET6, &ip->ip6_dst);
	template->address = ETH_HLEN + offsetof(struct ip6_hdr, ip6_src);
	template->address_size = sizeof(ip->ip6_src);
}

/* Into the fields of checksums go the sums of all but the source's address. */
static void put_sums(struct template *template, size_t header, size_t length,
		     uint8_t protocol)
{
	uint8_t *frame = template->frame;
	size_t target = template->address + template->address_size;
	uint32_t sum = add_words(protocol + length, frame + target,
				 template->address_size);

	sum = add_words(sum, frame + ETH_HLEN + header, length);
	put_sum(frame + template->sum, sum);
	frame[template->sum] = ~frame[template->sum];
	frame[template->sum + 1] = ~frame[template->sum + 1];
	if (!template->header_sum)
		return;
	put_sum(frame + template->header_sum,
		add_words(0, frame + ETH_HLEN, header));
	frame[template->header_sum] = ~frame[template->header_sum];
	frame[template->header_sum + 1] = ~frame[template->header_sum + 1];
}

static struct template make(const char *mac, const char *kind, bool ipv4,
			    uint16_t port)
{
	struct template made = {.frame = {0}};
	bool syn = !strcmp(kind, "syn");
	uint8_t protocol = syn ? IPPROTO_TCP : IPPROTO_UDP;
	size_t header = ipv4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	size_t transport = ETH_HLEN + header;
	size_t length = put_transport(made.frame + transport, kind, port);
	struct ether_header *ethernet = (void *)made.frame;

	if (!ether_aton_r(mac, (void *)ethernet->ether_dhost))
		errx(2, "%s: no Ethernet address", mac);
	ethernet->ether_shost[0] = 2;
	ethernet->ether_type = htons(ipv4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	if (ipv4)
		put_ipv4(&made, protocol, length);
	else
		put_ipv6(&made, protocol, length);
	made.sum = transport + (syn ? offsetof(struct tcphdr, check) :
				      offsetof(struct udphdr, check));
	made.size = transport + length;
	put_sums(&made, header, length, protocol);
	return made;
}

static uint32_t ordered(uint32_t number, enum order order)
{
	uint32_t reversed = 0;
	int bit;

	if (order == COUNTED)
		return number;
	if (order == SCATTERED)
		return number * SCATTER & ((1u << SOURCE_BITS) - 1);
	for (bit = 0; bit < SOURCE_BITS; bit++)
		reversed |= (number >> bit & 1) << (SOURCE_BITS - 1 - bit);
	return reversed;
}

static void put_source(uint8_t *frame, const struct template *template,
		       uint32_t number, enum order order)
{
	uint8_t *address = frame + template->address;
	uint32_t value = htonl(ordered(number, order));

	if (template->address_size == sizeof(struct in_addr)) {
		inet_pton(AF_INET, SOURCES4, address);
		memcpy(address + 1, (uint8_t *)&value + 1, 3);
		return;
	}
	inet_pton(AF_INET6, SOURCES6, address);
	if (order == COUNTED)
		memcpy(address + 12, &value, 4);
	else
		memcpy(address + 8, (uint8_t *)&value + 1, 3);
}

static int open_interface(const char *name)
{
	struct sockaddr_ll place = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(name),
	};
	int on = 1;
	int descriptor = socket(AF_PACKET, SOCK_RAW, 0);

	if (descriptor < 0)
		err(1, "socket");
	if (setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, &on,
		       sizeof(on)) ||
	    bind(descriptor, (void *)&place, sizeof(place)))
		err(1, "%s", name);
	return descriptor;
}

static void send_batch(int descriptor, struct mmsghdr *messages, int count)
{
	int sent;

	while (count) {
		sent = sendmmsg(descriptor, messages, count, 0);
		if (sent < 0)
			err(1, "sendmmsg");
		messages += sent;
		count -= sent;
	}
}

static void flood(int descriptor, const struct template *template,
		  enum order order, uint32_t count)
{
	static uint8_t frames[BATCH][FRAME_SIZE];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	uint32_t number;
	int at;

	for (at = 0; at < BATCH; at++) {
		memcpy(frames[at], template->frame, FRAME_SIZE);
		parts[at] = (struct iovec){frames[at], template->size};
		messages[at].msg_hdr.msg_iov = &parts[at];
		messages[at].msg_hdr.msg_iovlen = 1;
	}
	for (number = 0; number < count; number += at) {
		for (at = 0; at < BATCH && number + at < count; at++) {
			put_source(frames[at], template, number + at, order);
			finish(frames[at], template);
		}
		send_batch(descriptor, messages, at);
	}
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static enum order order_of(const char *text)
{
	static const char *const names[] = {"counted", "reversed", "scattered"};
	size_t at;

	for (at = 0; at < sizeof(names) / sizeof(names[0]); at++)
		if (!strcmp(text, names[at]))
			return at;
	errx(2, "%s: no order", text);
}

int main(int argc, char **argv)
{
	struct template template;
	uint64_t start;
	unsigned long count;
	int descriptor;

	if (argc != 8)
		errx(2, "INTERFACE MAC KIND FAMILY ORDER COUNT PORT");
	count = strtoul(argv[6], NULL, 10);
	if (count > 1ul << SOURCE_BITS)
		errx(2, "%lu: there are not so many sources", count);
	template = make(argv[2], argv[3], !strcmp(argv[4], "4"),
			strtoul(argv[7], NULL, 10));
	descriptor = open_interface(argv[1]);
	start = now();
	flood(descriptor, &template, order_of(argv[5]), count);
	printf("%lu %llu\n", count, (unsigned long long)(now() - start));
	return 0;
}
