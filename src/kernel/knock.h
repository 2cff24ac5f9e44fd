/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sequence state machine: what one knock does to one peer's progress.
 *
 * Plain values in, plain values out: no packet, no lock, no clock of its own.
 * The same source builds in userspace for tests and fuzzing.
 */
#ifndef PKNOCK_KNOCK_H
#define PKNOCK_KNOCK_H

#include <linux/time64.h>
#include <linux/types.h>
#include "uapi/xt_pknock.h"

/**
 * struct pknock_knock - a TCP segment that only asks for a connection, or a
 * UDP datagram
 * @packet:	the packet's handle; compared, never followed
 * @rule:	number of the rule that looks at it
 * @tcp_seq:	host order; 0 for UDP
 * @sport:	host order
 * @dport:	host order
 * @protocol:	IPPROTO_TCP or IPPROTO_UDP
 */
struct pknock_knock {
	const void *packet;
	u32 rule;
	u32 tcp_seq;
	u16 sport, dport;
	u8 protocol;
};

struct pknock_step {
	u16 port;    /* host order */
	u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP, never 0 */
	u8 zero;     /* steps are hashed, padding and all */
};

/**
 * struct pknock_sequence - what a rule waits for
 * @id:		keyed hash of the steps: equal for rules with equal steps, so
 *		that progress outlives a reload of the same rule (M13)
 * @time:	seconds between two knocks, at the most
 * @strict:	a wrong knock starts the sequence over (M4)
 * @length:	1 to XT_PKNOCK_PORTS_MAX
 * @steps:	in the order in which they must come
 */
struct pknock_sequence {
	u32 id;
	u32 time;
	bool strict;
	u8 length;
	struct pknock_step steps[XT_PKNOCK_PORTS_MAX];
};

/**
 * struct pknock_progress - how far a peer has come
 * @heard:	when the last knock was acted on, nanoseconds since boot
 * @time:	seconds that the rule that acted on it gave for the next one
 * @rule:	that rule's number
 * @print:	of that knock: ports and sequence number, mixed
 * @packet:	of its packet's handle
 * @protocol:	that knock's
 * @accepted:	knocks accepted in a row; below the sequence's length
 *
 * Small, as strangers can have many of these made. By its prints a knock is
 * known again: a mistake, one in 2^32 for TCP, makes it be ignored.
 */
struct pknock_progress {
	u64 heard;
	u32 time;
	u32 rule;
	u32 print;
	u16 packet;
	u8 protocol;
	u8 accepted;
};

enum pknock_outcome {
	PKNOCK_IGNORED,	  /* nothing changed */
	PKNOCK_ACCEPTED,  /* one step further */
	PKNOCK_COMPLETED, /* that was the last one */
	PKNOCK_RESET,	  /* wrong under strict: back to the start */
};

/* When it is too late to go on, nanoseconds since boot. */
static inline u64
pknock_progress_deadline(const struct pknock_progress *progress)
{
	return progress->heard + (u64)progress->time * NSEC_PER_SEC;
}

bool pknock_sequence_contains(const struct pknock_sequence *sequence,
			      const struct pknock_knock *knock);
bool pknock_sequence_hears(const struct pknock_sequence *sequence, u8 protocol);
bool pknock_sequence_starts_with(const struct pknock_sequence *sequence,
				 const struct pknock_knock *knock);
enum pknock_outcome pknock_advance(struct pknock_progress *progress,
				   const struct pknock_sequence *sequence,
				   const struct pknock_knock *knock, u64 now);

#endif
