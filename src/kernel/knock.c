// SPDX-License-Identifier: GPL-2.0-only
#include <linux/in.h>
#include "knock.h"

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

/*
 * A firewall that drops SYNs makes clients send them again. Such a copy of the
 * knock accepted last is not a knock of its own, least of all a wrong one.
 */
static bool is_retransmission(const struct pknock_progress *progress,
			      const struct pknock_sequence *sequence,
			      const struct pknock_knock *knock)
{
	return progress->accepted && knock->protocol == IPPROTO_TCP &&
	       is_step(&sequence->steps[progress->accepted - 1], knock) &&
	       progress->sport == knock->sport &&
	       progress->tcp_seq == knock->tcp_seq;
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
	if (now > progress->deadline)
		progress->accepted = 0;
	if (is_retransmission(progress, sequence, knock))
		return PKNOCK_IGNORED;

	if (!is_step(&sequence->steps[progress->accepted], knock)) {
		if (!sequence->strict || !progress->accepted)
			return PKNOCK_IGNORED;
		progress->accepted = 0;
		return PKNOCK_RESET;
	}

	progress->accepted++;
	progress->deadline = now + sequence->time;
	progress->sport = knock->sport;
	progress->tcp_seq = knock->tcp_seq;
	return progress->accepted == sequence->length ? PKNOCK_COMPLETED :
							PKNOCK_ACCEPTED;
}
