// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests to a family of generic netlink, as fast as the kernel answers them.
 *
 *	requests TYPE COUNT FLAGS BODY...
 *	requests deaf GROUP SOCKETS
 *
 * TYPE is the family's number. A body is in hex digits, from the header of generic netlink; they
 * are gone through again and again. Those that ask for no dump go to the kernel by the dozen, in one
 * datagram, of which the last asks for an acknowledgement; a request that is refused is told of
 * anyway. Prints how many were made, in how many nanoseconds, how many messages came back, and how
 * many of these were errors.
 *
 * deaf joins a group with so many sockets, says so, and reads none of them until it is killed.
 */
#include <err.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_BODIES 64
#define MOST_AT_ONCE 12
#define BODY_SIZE 512
#define ANSWER_SIZE 65536

struct request {
	struct nlmsghdr header;
	uint8_t body[BODY_SIZE];
};

struct tally {
	unsigned long messages;
	unsigned long errors;
};

static int open_netlink(void)
{
	int descriptor = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (descriptor < 0)
		err(1, "socket");
	return descriptor;
}

static size_t put_body(uint8_t *place, const char *digits)
{
	size_t size = strlen(digits) / 2;
	unsigned int byte;
	size_t at;

	if (size > BODY_SIZE)
		errx(2, "%s: too long", digits);
	for (at = 0; at < size; at++) {
		if (sscanf(digits + 2 * at, "%2x", &byte) != 1)
			errx(2, "%s: no hex digits", digits);
		place[at] = byte;
	}
	return size;
}

static void make(struct request *request, uint16_t type, uint16_t flags,
		 const char *digits)
{
	request->header.nlmsg_len =
		NLMSG_HDRLEN + put_body(request->body, digits);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = flags | NLM_F_REQUEST;
}

/* Of one datagram. Return: whether it has the answer to the request of this number. */
static bool count_messages(void *data, int size, uint32_t number,
			   struct tally *tally)
{
	struct nlmsghdr *message = data;
	bool ends = false;

	for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
		tally->messages++;
		if (message->nlmsg_type != NLMSG_ERROR &&
		    message->nlmsg_type != NLMSG_DONE)
			continue;
		ends |= message->nlmsg_seq == number;
		tally->errors += *(int *)NLMSG_DATA(message) < 0;
	}
	return ends;
}

/* Requests from this number on, at once. */
static void ask(int descriptor, const struct request *requests, int bodies,
		uint32_t number, uint32_t count, struct tally *tally)
{
	static uint8_t question[MOST_AT_ONCE * sizeof(struct request)];
	static uint8_t answer[ANSWER_SIZE];
	const uint32_t last = number + count - 1;
	size_t used = 0;
	ssize_t size;

	for (; number <= last; number++) {
		const struct request *request = &requests[number % bodies];
		struct nlmsghdr *message = (void *)(question + used);

		memcpy(message, request, request->header.nlmsg_len);
		message->nlmsg_seq = number;
		if (number == last)
			message->nlmsg_flags |= NLM_F_ACK;
		used += NLMSG_ALIGN(message->nlmsg_len);
	}
	if (send(descriptor, question, used, 0) < 0)
		err(1, "send");
	do {
		size = recv(descriptor, answer, sizeof(answer), 0);
		if (size < 0)
			err(1, "recv");
	} while (!count_messages(answer, size, last, tally));
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void deaf(int group, unsigned long sockets)
{
	struct rlimit limit = {sockets + 16, sockets + 16};

	/* What a user may have is the administrator's to say. */
	setrlimit(RLIMIT_NOFILE, &limit);
	while (sockets--)
		if (setsockopt(open_netlink(), SOL_NETLINK,
			       NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
			err(1, "join");
	puts("joined");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	static struct request requests[MOST_BODIES];
	struct tally tally = {0};
	unsigned long count;
	unsigned long at;
	unsigned long some;
	unsigned long most = MOST_AT_ONCE;
	uint64_t start;
	int descriptor;
	int bodies = argc - 4;

	if (argc == 4 && !strcmp(argv[1], "deaf")) {
		deaf(atoi(argv[2]), strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (bodies < 1 || bodies > MOST_BODIES)
		errx(2, "TYPE COUNT FLAGS BODY...");
	for (at = 0; at < (unsigned long)bodies; at++)
		make(&requests[at], atoi(argv[1]), atoi(argv[3]), argv[4 + at]);
	count = strtoul(argv[2], NULL, 10);
	if (atoi(argv[3]) & NLM_F_DUMP)
		most = 1;
	descriptor = open_netlink();
	start = now();
	for (at = 0; at < count; at += some) {
		some = count - at < most ? count - at : most;
		ask(descriptor, requests, bodies, at, some, &tally);
	}
	printf("%lu %llu %lu %lu\n", count, (unsigned long long)(now() - start),
	       tally.messages, tally.errors);
	return 0;
}
