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

/* A TCP segment that only asks for a connection, or a UDP datagram. */
struct pknock_knock {
	u32 tcp_seq;	  /* host order; 0 for UDP */
	u16 sport, dport; /* host order */
	u8 protocol;	  /* IPPROTO_TCP or IPPROTO_UDP */
};

struct pknock_step {
	u16 port;    /* host order */
	u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP, never 0 */
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
 * @deadline:	nanoseconds since boot; a knock after it starts anew (M5)
 * @tcp_seq:	of the last accepted knock, to know its retransmission by
 * @sport:	likewise
 * @accepted:	knocks accepted in a row; below the sequence's length
 */
struct pknock_progress {
	u64 deadline;
	u32 tcp_seq;
	u16 sport;
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
