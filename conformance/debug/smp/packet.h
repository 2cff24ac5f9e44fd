/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a storm is made of: IPv4 or IPv6 packets with a SYN or a datagram, from any source. */
#ifndef PACKET_H
#define PACKET_H

#include <stddef.h>
#include <stdint.h>

#define PACKET_SIZE 256
#define PAYLOAD_SIZE 128

/**
 * struct address - of either family
 * @bytes:	network byte order, @size of them
 * @size:	4 or 16
 */
struct address {
	uint8_t bytes[16];
	size_t size;
};

/**
 * struct knock - the transport's part
 * @protocol:	IPPROTO_TCP, a SYN then, or IPPROTO_UDP
 * @sport, @dport: ports
 * @sequence:	of TCP
 * @payload:	of UDP
 * @payload_size: up to PAYLOAD_SIZE
 */
struct knock {
	uint8_t protocol;
	uint16_t sport, dport;
	uint32_t sequence;
	const uint8_t *payload;
	size_t payload_size;
};

int address_parse(struct address *address, const char *text);
struct address address_after(const struct address *first, uint32_t count);
size_t packet_write(uint8_t packet[PACKET_SIZE], const struct address *source,
		    const struct address *target, const struct knock *knock);

#endif
