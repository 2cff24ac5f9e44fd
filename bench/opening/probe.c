// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Knocks, then asks for connections until one is granted.
 *
 *	probe SOURCE TARGET PORT KNOCK...
 *
 * IPv4 addresses; a knock is tcp:PORT, a SYN, or udp:PORT:FILE, a datagram with what is in the
 * file. Prints the nanoseconds from before the last knock was sent until after the first SYN to
 * PORT was sent that was answered by SYN and ACK. Needs CAP_NET_RAW.
 *
 * Between network namespaces of one machine a packet has been through the other side's firewall
 * when it has been sent: nothing of a wire is in the figure.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PORT \
	10000 /* of the probe's: the SYN that was answered is told by it */
#define ATTEMPTS 20000
#define PATIENCE_MS 1 /* between two SYNs */
#define KNOCK_PAUSE_US \
	20000 /* daemons are given time for all knocks but the last */

struct probe {
	int tcp;
	int udp;
	struct in_addr source;
	struct sockaddr_in target;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static struct in_addr address(const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		errx(2, "%s: no IPv4 address", text);
	return address;
}

static uint16_t port(const char *text)
{
	const long number = strtol(text, NULL, 10);

	if (number < 1 || number > UINT16_MAX)
		errx(2, "%s: no port", text);
	return number;
}

static uint16_t checksum(const void *data, size_t size)
{
	const uint16_t *word = data;
	uint32_t sum = 0;

	for (; size > 1; size -= 2)
		sum += *word++;
	while (sum >> 16)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return ~sum;
}

static void send_syn(const struct probe *probe, uint16_t sport, uint16_t dport)
{
	struct {
		struct in_addr source, target;
		uint8_t zero, protocol;
		uint16_t length;
		struct tcphdr tcp;
	} packet = {
		.source = probe->source,
		.target = probe->target.sin_addr,
		.protocol = IPPROTO_TCP,
		.length = htons(sizeof(packet.tcp)),
		.tcp =
			{
				.source = htons(sport),
				.dest = htons(dport),
				.seq = htonl(sport),
				.doff = sizeof(packet.tcp) / 4,
				.syn = 1,
				.window = htons(UINT16_MAX),
			},
	};

	packet.tcp.check = checksum(&packet, sizeof(packet));
	if (sendto(probe->tcp, &packet.tcp, sizeof(packet.tcp), 0,
		   (const struct sockaddr *)&probe->target,
		   sizeof(probe->target)) < 0)
		err(1, "SYN");
}

static void send_datagram(const struct probe *probe, uint16_t dport,
			  const char *path)
{
	struct sockaddr_in target = probe->target;
	char payload[2048];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		err(1, "%s", path);
	size = fread(payload, 1, sizeof(payload), file);
	fclose(file);
	target.sin_port = htons(dport);
	if (sendto(probe->udp, payload, size, 0,
		   (const struct sockaddr *)&target, sizeof(target)) < 0)
		err(1, "datagram");
}

static void knock(const struct probe *probe, const char *text)
{
	const char *file =
		strchr(text, ':') ? strchr(strchr(text, ':') + 1, ':') : NULL;

	if (!strncmp(text, "tcp:", 4))
		send_syn(probe, FIRST_PORT - 1, port(text + 4));
	else if (!strncmp(text, "udp:", 4) && file)
		send_datagram(probe, port(text + 4), file + 1);
	else
		errx(2, "%s: no knock", text);
}

/* The local port that a SYN and ACK has come for from @dport, 0 if none has come in time. */
static uint16_t granted(const struct probe *probe, uint16_t dport, int patience)
{
	struct pollfd poll_fd = {.fd = probe->tcp, .events = POLLIN};
	uint8_t packet[128];

	while (poll(&poll_fd, 1, patience) > 0) {
		const ssize_t size =
			recv(probe->tcp, packet, sizeof(packet), 0);
		const size_t header = (packet[0] & 15) * 4;
		struct tcphdr tcp;

		if (size < 0)
			err(1, "recv");
		if ((size_t)size < header + sizeof(tcp))
			continue;
		memcpy(&tcp, packet + header, sizeof(tcp));
		if (tcp.syn && tcp.ack && ntohs(tcp.source) == dport)
			return ntohs(tcp.dest);
		patience = 0;
	}
	return 0;
}

static uint64_t measure(const struct probe *probe, uint16_t dport,
			const char *last)
{
	static uint64_t sent[ATTEMPTS];
	const uint64_t start = now();
	uint16_t sport;
	int i;

	knock(probe, last);
	for (i = 0; i < ATTEMPTS; i++) {
		send_syn(probe, FIRST_PORT + i, dport);
		sent[i] = now();
		sport = granted(probe, dport, PATIENCE_MS);
		if (sport >= FIRST_PORT && sport <= FIRST_PORT + i)
			return sent[sport - FIRST_PORT] - start;
	}
	errx(1, "no SYN was answered");
}

int main(int argc, char **argv)
{
	struct probe probe = {.target = {.sin_family = AF_INET}};
	uint16_t dport;
	int i;

	if (argc < 5)
		errx(2, "usage: probe SOURCE TARGET PORT KNOCK...");
	probe.source = address(argv[1]);
	probe.target.sin_addr = address(argv[2]);
	dport = port(argv[3]);
	probe.tcp = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
	probe.udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (probe.tcp < 0 || probe.udp < 0)
		err(1, "socket");

	for (i = 4; i < argc - 1; i++) {
		knock(&probe, argv[i]);
		usleep(KNOCK_PAUSE_US);
	}
	printf("%llu\n",
	       (unsigned long long)measure(&probe, dport, argv[argc - 1]));
	return 0;
}
