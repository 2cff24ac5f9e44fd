/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sequence state machine: what one knock does to one peer's progress.
 *
 * Plain values in, plain values out: no packet, no lock, no clock of its own.
 * The same source builds in userspace for tests and fuzzing.
 */
#ifndef PKNOCK_KNOCK_H
#define PKNOCK_KNOCK_H

#include <linux/types.h>
#include "uapi/xt_pknock.h"

/**
 * struct pknock_knock - a TCP segment that only asks for a connection, or a
 * UDP datagram
 * @packet:	the packet's handle; compared, never followed
 * @rule:	likewise of the rule that looks at it
 * @tcp_seq:	host order; 0 for UDP
 * @sport:	host order
 * @dport:	host order
 * @protocol:	IPPROTO_TCP or IPPROTO_UDP
 */
struct pknock_knock {
	const void *packet;
	const void *rule;
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
 * @time:	nanoseconds between two knocks, at the most
 * @strict:	a wrong knock starts the sequence over (M4)
 * @length:	1 to XT_PKNOCK_PORTS_MAX
 * @steps:	in the order in which they must come
 */
struct pknock_sequence {
	u64 id;
	u64 time;
	bool strict;
	u8 length;
	struct pknock_step steps[XT_PKNOCK_PORTS_MAX];
};

/**
 * struct pknock_progress - how far a peer has come
 * @heard:	when the last knock was acted on, nanoseconds since boot
 * @deadline:	when it is too late to go on, by the rule that acted on it
 * @last:	that knock, to know its retransmissions and second looks by
 * @accepted:	knocks accepted in a row; below the sequence's length
 */
struct pknock_progress {
	u64 heard;
	u64 deadline;
	struct pknock_knock last;
	u8 accepted;
};

enum pknock_outcome {
	PKNOCK_IGNORED,	  /* nothing changed */
	PKNOCK_ACCEPTED,  /* one step further */
	PKNOCK_COMPLETED, /* that was the last one */
	PKNOCK_RESET,	  /* wrong under strict: back to the start */
};

bool pknock_sequence_contains(const struct pknock_sequence *sequence,
			      const struct pknock_knock *knock);
bool pknock_sequence_hears(const struct pknock_sequence *sequence, u8 protocol);
bool pknock_sequence_starts_with(const struct pknock_sequence *sequence,
				 const struct pknock_knock *knock);
enum pknock_outcome pknock_advance(struct pknock_progress *progress,
				   const struct pknock_sequence *sequence,
				   const struct pknock_knock *knock, u64 now);

#endif
