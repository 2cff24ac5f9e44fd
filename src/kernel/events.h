/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens at a door: counted always, told to the group "events" if anybody
 * listens. A flood of what strangers can cause is told in part.
 */
#ifndef PKNOCK_EVENTS_H
#define PKNOCK_EVENTS_H

#include <linux/atomic.h>
#include <linux/types.h>
#include "uapi/pknock.h"

struct pknock_door;
struct pknock_grant;
struct pknock_opening;
struct pknock_source;
struct sk_buff;

/**
 * struct pknock_events - a door's counters
 * @counts:	by attribute, PKNOCK_A_COUNTERS_*
 * @next:	for those that are rate limited, when the next one would be on
 *		time; nanoseconds since boot
 */
struct pknock_events {
	atomic64_t counts[__PKNOCK_A_COUNTERS_MAX];
	atomic64_t next[__PKNOCK_A_COUNTERS_MAX];
};

/* Context: any, with none of the door's locks in hand. */
void pknock_event_opened(struct pknock_door *door,
			 const struct pknock_source *source,
			 const struct pknock_grant *grant,
			 const struct pknock_opening *opening);
void pknock_event_closed(struct pknock_door *door,
			 const struct pknock_source *source);
void pknock_event_expired(struct pknock_door *door,
			  const struct pknock_source *source, u64 when);
void pknock_event_revoked(struct pknock_door *door,
			  const struct pknock_source *source);
void pknock_event_evicted(struct pknock_door *door,
			  const struct pknock_source *source);
void pknock_event_refused(struct pknock_door *door,
			  const struct pknock_source *source,
			  enum pknock_reason reason);

int pknock_events_put(struct sk_buff *skb, const struct pknock_events *events);

#endif
