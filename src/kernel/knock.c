// SPDX-License-Identifier: GPL-2.0-only
#include <linux/in.h>
#include "knock.h"

#define GOLDEN_RATIO 0x61c88647u
#define SECOND_LOOK_TIME 100000000 /* nanoseconds that a packet may take */

static bool is_step(const struct pknock_step *step,
		    const struct pknock_knock *knock)
{
	return step->port == knock->dport && step->protocol == knock->protocol;
}

/* Is @knock one of the sequence's, wherever in it? */
bool pknock_sequence_contains(const struct pknock_sequence *sequence,
			      const struct pknock_knock *knock)
{
	unsigned int i;

	for (i = 0; i < sequence->length; i++)
		if (is_step(&sequence->steps[i], knock))
			return true;
	return false;
}

/* Does any step use @protocol? What does not is no knock, not a wrong one. */
bool pknock_sequence_hears(const struct pknock_sequence *sequence, u8 protocol)
{
	unsigned int i;

	for (i = 0; i < sequence->length; i++)
		if (sequence->steps[i].protocol == protocol)
			return true;
	return false;
}

bool pknock_sequence_starts_with(const struct pknock_sequence *sequence,
				 const struct pknock_knock *knock)
{
	return is_step(&sequence->steps[0], knock);
}

/* Sequence numbers that follow each other do not make up for near ports. */
static u32 knock_print(const struct pknock_knock *knock)
{
	return ((u32)knock->sport << 16 | knock->dport) +
	       knock->tcp_seq * GOLDEN_RATIO;
}

/* Packets that are there at the same time differ in these bits, mostly. */
static u16 packet_print(const struct pknock_knock *knock)
{
	const unsigned long handle = (unsigned long)knock->packet;

	return handle >> 6 ^ handle >> 22;
}

static bool is_alike(const struct pknock_progress *progress,
		     const struct pknock_knock *knock)
{
	return progress->protocol == knock->protocol &&
	       progress->print == knock_print(knock);
}

/*
 * A firewall that drops SYNs makes clients send them again. Such a copy of the
 * knock accepted last is not a knock of its own, least of all a wrong one.
 */
static bool is_retransmission(const struct pknock_progress *progress,
			      const struct pknock_knock *knock)
{
	return knock->protocol == IPPROTO_TCP && is_alike(progress, knock);
}

/*
 * Rules that wait for the same sequence look at the same packet one after the
 * other, and it is one knock. The time keeps apart packets that come to lie in
 * the same place; those that a rule itself acted on are never the same.
 */
static bool is_second_look(const struct pknock_progress *progress,
			   const struct pknock_knock *knock, u64 now)
{
	return progress->packet == packet_print(knock) &&
	       progress->rule != knock->rule &&
	       now - progress->heard <= SECOND_LOOK_TIME &&
	       is_alike(progress, knock);
}

/**
 * pknock_advance - let one knock act on a peer's progress
 * @progress:	zeroed for a new peer; changed unless the knock is ignored
 * @sequence:	the one that the progress was made on
 * @knock:	of a protocol that the sequence hears
 * @now:	nanoseconds since boot
 *
 * A wrong knock under strict does not count as a first one, even on the first
 * port: the peer has to start over after it.
 */
enum pknock_outcome pknock_advance(struct pknock_progress *progress,
				   const struct pknock_sequence *sequence,
				   const struct pknock_knock *knock, u64 now)
{
	const bool late =
		now - progress->heard > (u64)sequence->time * NSEC_PER_SEC;
	const u8 accepted = late ? 0 : progress->accepted;
	const bool right = is_step(&sequence->steps[accepted], knock);

	if (is_second_look(progress, knock, now))
		return PKNOCK_IGNORED;
	if (accepted && is_retransmission(progress, knock))
		return PKNOCK_IGNORED;
	if (!right && !(accepted && sequence->strict))
		return PKNOCK_IGNORED;

	progress->heard = now;
	progress->time = sequence->time;
	progress->rule = knock->rule;
	progress->print = knock_print(knock);
	progress->packet = packet_print(knock);
	progress->protocol = knock->protocol;
	progress->accepted = right ? accepted + 1 : 0;
	if (!right)
		return PKNOCK_RESET;
	return progress->accepted == sequence->length ? PKNOCK_COMPLETED :
							PKNOCK_ACCEPTED;
}
