// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Knocks from many sources, on several CPUs at once.
 *
 *	storm [-a] [-c CPUS] [-n SOURCES] [-t SECONDS] [-p FILE] INTERFACE MAC SOURCE TARGET
 *	      STEP... [/ STEP...]
 *
 * One thread a CPU. Each sends all steps for source after source, SOURCE and those that come after
 * it; all threads for the same ones, or, with -a, each for some of its own; until the time is over.
 *
 * With a "/" all threads walk in step, once through the sources: one of them, in turns, sends what
 * stands before it; then all together what stands after it.
 *
 * A step is tcp:PORT, a SYN; udp:PORT, a datagram; or token:PORT, a datagram with the line of FILE
 * that is the source's. Prints how many packets were sent, and for how many sources. Needs
 * CAP_NET_RAW.
 *
 * Between network namespaces of one machine a packet goes through the other side's firewall on the
 * CPU that sends it, most often before it has been sent.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "packet.h"

#define CPUS_MAX 8
#define STEPS_MAX 32
#define FIRST_PORT 20000
#define SPINS \
	10000 /* of one who waits for the others, between two looks round */

enum kind {
	SYN,
	DATAGRAM,
	TOKEN
};

struct step {
	enum kind kind;
	uint16_t port;
};

/**
 * struct plan - what all threads share
 * @apart:	each has sources of its own
 * @cpus, @sources, @seconds: how many
 * @first, @target: addresses
 * @link:	where packets go
 * @payloads:	of tokens, one a source
 * @payload_size: of each
 * @steps:	all of them
 * @steps_count: how many
 * @in_step:	all walk in step
 * @together:	and which step is the first that all of them send
 * @deadline:	seconds of the monotonic clock
 * @over:	it has passed
 * @arrived, @turn: who waits for the others, and which time it is
 */
struct plan {
	bool apart, in_step;
	unsigned int cpus, sources, seconds;
	struct address first, target;
	struct sockaddr_ll link;
	uint8_t (*payloads)[PAYLOAD_SIZE];
	size_t payload_size;
	struct step steps[STEPS_MAX];
	unsigned int steps_count, together;
	time_t deadline;
	atomic_bool over;
	atomic_uint arrived, turn;
};

/**
 * struct sender - a thread
 * @plan:	everybody's
 * @cpu:	its own
 * @socket:	likewise
 * @sent:	packets
 * @rounds:	sources
 */
struct sender {
	struct plan *plan;
	unsigned int cpu;
	int socket;
	unsigned long sent, rounds;
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* Everybody waits for the last one: whoever slept would be late for what comes then. */
static void meet(struct plan *plan)
{
	const unsigned int turn = atomic_load(&plan->turn);
	unsigned int spins = 0;

	if (atomic_fetch_add(&plan->arrived, 1) + 1 == plan->cpus) {
		atomic_store(&plan->arrived, 0);
		atomic_store(&plan->turn, turn + 1);
	}
	while (atomic_load(&plan->turn) == turn)
		if (++spins % SPINS == 0)
			sched_yield();
}

static void send_step(struct sender *sender, const struct step *step,
		      unsigned int source)
{
	const struct plan *plan = sender->plan;
	const struct address from = address_after(&plan->first, source);
	struct knock knock = {
		.protocol = step->kind == SYN ? IPPROTO_TCP : IPPROTO_UDP,
		.sport = FIRST_PORT + sender->cpu,
		.dport = step->port,
		.payload = (const uint8_t *)"",
		/* Never that of a retransmission. */
		.sequence = sender->cpu << 24 | (sender->sent & 0xffffff),
	};
	uint8_t packet[PACKET_SIZE];
	size_t size;

	if (step->kind == TOKEN) {
		knock.payload = plan->payloads[source];
		knock.payload_size = plan->payload_size;
	}
	size = packet_write(packet, &from, &plan->target, &knock);
	if (sendto(sender->socket, packet, size, 0,
		   (const struct sockaddr *)&plan->link,
		   sizeof(plan->link)) < 0)
		err(1, "sendto");
	sender->sent++;
}

static void send_steps(struct sender *sender, unsigned int begin,
		       unsigned int end, unsigned int source)
{
	for (; begin < end; begin++)
		send_step(sender, &sender->plan->steps[begin], source);
}

static void walk_alone(struct sender *sender)
{
	struct plan *plan = sender->plan;
	const unsigned int first =
		plan->apart ? sender->cpu * plan->sources : 0;
	unsigned int source = 0;

	do {
		send_steps(sender, 0, plan->steps_count, first + source);
		source = (source + 1) % plan->sources;
		sender->rounds++;
	} while (now() < plan->deadline);
}

static void walk_in_step(struct sender *sender)
{
	struct plan *plan = sender->plan;
	unsigned int source;

	for (source = 0; source < plan->sources; source++) {
		if (sender->cpu == source % plan->cpus) {
			send_steps(sender, 0, plan->together, source);
			sender->rounds++;
			if (now() >= plan->deadline)
				atomic_store(&plan->over, true);
		}
		meet(plan);
		send_steps(sender, plan->together, plan->steps_count, source);
		meet(plan);
		if (atomic_load(&plan->over))
			break;
	}
}

static void *run(void *argument)
{
	struct sender *sender = argument;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sender->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "CPU %u", sender->cpu);
	meet(sender->plan);
	if (sender->plan->in_step)
		walk_in_step(sender);
	else
		walk_alone(sender);
	return NULL;
}

static void send_all(struct plan *plan)
{
	struct sender senders[CPUS_MAX] = {};
	pthread_t threads[CPUS_MAX];
	unsigned long sent = 0, rounds = 0;
	unsigned int cpu;

	plan->deadline = now() + plan->seconds;
	for (cpu = 0; cpu < plan->cpus; cpu++) {
		senders[cpu].plan = plan;
		senders[cpu].cpu = cpu;
		senders[cpu].socket = socket(AF_PACKET, SOCK_DGRAM, 0);
		if (senders[cpu].socket < 0)
			err(1, "socket");
		if (pthread_create(&threads[cpu], NULL, run, &senders[cpu]))
			errx(1, "no thread");
	}
	for (cpu = 0; cpu < plan->cpus; cpu++) {
		pthread_join(threads[cpu], NULL);
		sent += senders[cpu].sent;
		rounds += senders[cpu].rounds;
	}
	printf("%lu %lu\n", sent, rounds);
}

static unsigned int number(const char *text, unsigned int max)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	if (*end || !value || value > max)
		errx(2, "%s: not 1 to %u", text, max);
	return value;
}

static void read_payloads(struct plan *plan, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[PAYLOAD_SIZE + 1];
	unsigned int source;

	if (!file)
		err(1, "%s", path);
	plan->payloads = calloc(plan->sources, sizeof(*plan->payloads));
	if (!plan->payloads)
		err(1, "payloads");
	for (source = 0; source < plan->sources; source++) {
		if (!fgets(line, sizeof(line), file))
			errx(1, "%s: %u lines only", path, source);
		plan->payload_size = strlen(line);
		memcpy(plan->payloads[source], line, plan->payload_size);
	}
	fclose(file);
}

static void add_step(struct plan *plan, const char *text)
{
	static const char *const kinds[] = {
		[SYN] = "tcp:", [DATAGRAM] = "udp:", [TOKEN] = "token:"};
	struct step *step = &plan->steps[plan->steps_count++];

	if (plan->steps_count > STEPS_MAX)
		errx(2, "more than %d steps", STEPS_MAX);
	for (step->kind = SYN; step->kind <= TOKEN; step->kind++)
		if (!strncmp(text, kinds[step->kind],
			     strlen(kinds[step->kind])))
			break;
	if (step->kind > TOKEN || (step->kind == TOKEN && !plan->payloads))
		errx(2, "%s: no step", text);
	step->port = number(text + strlen(kinds[step->kind]), UINT16_MAX);
}

static void read_link(struct plan *plan, const char *interface, const char *mac)
{
	const struct ether_addr *address = ether_aton(mac);

	plan->link.sll_family = AF_PACKET;
	plan->link.sll_ifindex = if_nametoindex(interface);
	if (!plan->link.sll_ifindex)
		err(1, "%s", interface);
	if (!address)
		errx(2, "%s: no Ethernet address", mac);
	plan->link.sll_halen = ETH_ALEN;
	memcpy(plan->link.sll_addr, address, ETH_ALEN);
}

static void read_arguments(struct plan *plan, char **argument, int count)
{
	int i;

	if (count < 5)
		errx(2,
		     "usage: storm [-a] [-c CPUS] [-n SOURCES] [-t SECONDS] [-p FILE] INTERFACE "
		     "MAC SOURCE TARGET STEP... [/ STEP...]");
	read_link(plan, argument[0], argument[1]);
	if (address_parse(&plan->first, argument[2]) ||
	    address_parse(&plan->target, argument[3]) ||
	    plan->first.size != plan->target.size)
		errx(2, "%s, %s: no two addresses of a family", argument[2],
		     argument[3]);
	plan->link.sll_protocol =
		htons(plan->first.size == 16 ? ETH_P_IPV6 : ETH_P_IP);
	for (i = 4; i < count; i++) {
		if (strcmp(argument[i], "/")) {
			add_step(plan, argument[i]);
		} else {
			plan->in_step = true;
			plan->together = plan->steps_count;
		}
	}
}

int main(int argc, char **argv)
{
	static struct plan plan = {.cpus = 2, .sources = 1, .seconds = 1};
	const char *payloads = NULL;
	int option;

	while ((option = getopt(argc, argv, "ac:n:t:p:")) != -1) {
		if (option == 'a')
			plan.apart = true;
		else if (option == 'c')
			plan.cpus = number(optarg, CPUS_MAX);
		else if (option == 'n')
			plan.sources = number(optarg, UINT32_MAX / CPUS_MAX);
		else if (option == 't')
			plan.seconds = number(optarg, 3600);
		else if (option == 'p')
			payloads = optarg;
		else
			return 2;
	}
	if (payloads)
		read_payloads(&plan, payloads);
	read_arguments(&plan, argv + optind, argc - optind);
	send_all(&plan);
	return 0;
}
