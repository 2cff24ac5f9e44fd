// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>
#include <linux/ktime.h>
#include <net/genetlink.h>
#include "connector.h"
#include "door.h"
#include "events.h"
#include "netlink_gen.h"
#include "peer_message.h"

/* At the most, of a kind at a door: so many a second, and so many at once. */
#define EVENTS_PER_SECOND 10
#define EVENTS_BURST 20

/* Room for the longest: all attributes there are. */
#define EVENT_SIZE 256

/**
 * struct event - one message
 * @command:	PKNOCK_CMD_*_NTF
 * @counter:	PKNOCK_A_COUNTERS_*
 * @limited:	strangers can cause it as often as they like
 * @source:	whom it concerns
 * @when:	nanoseconds since boot
 * @grant:	if a door opened
 * @renewed:	and was open before
 * @reason:	if one did not
 */
struct event {
	u8 command;
	u8 counter;
	bool limited;
	const struct pknock_source *source;
	u64 when;
	const struct pknock_grant *grant;
	bool renewed;
	enum pknock_reason reason;
};

/*
 * Whether one more is on time. Of two at the same moment one may be given up,
 * which says as much.
 */
static bool is_on_time(atomic64_t *next)
{
	const s64 interval = NSEC_PER_SEC / EVENTS_PER_SECOND;
	s64 now = pknock_now();
	s64 before = atomic64_read(next);
	s64 after = max(before, now) + interval;

	return after <= now + interval * EVENTS_BURST &&
	       atomic64_cmpxchg(next, before, after) == before;
}

static int put_grant(struct sk_buff *skb, const struct event *event)
{
	const struct pknock_grant *grant = event->grant;

	if (pknock_peer_put_grant(skb, grant->origin, grant->protocol,
				  grant->knocks) ||
	    (grant->ttl && pknock_peer_put_ttl(skb, grant->ttl)) ||
	    (event->renewed && nla_put_flag(skb, PKNOCK_A_PEER_RENEWED)))
		return -EMSGSIZE;
	return 0;
}

/*
 * The wall clock at @when. By how far apart the clocks are, which no clock has
 * to be read for: times stay apart and in order as pknock_now() gave them.
 */
static u64 wall_clock(u64 when)
{
	return when + ktime_mono_to_any(0, TK_OFFS_REAL) -
	       ktime_mono_to_any(0, TK_OFFS_BOOT);
}

static int put_event(struct sk_buff *skb, const struct pknock_door *door,
		     const struct event *event)
{
	void *header =
		genlmsg_put(skb, 0, 0, &pknock_nl_family, 0, event->command);

	if (!header || pknock_peer_put_source(skb, door->name, event->source) ||
	    nla_put_u64_64bit(skb, PKNOCK_A_PEER_TIME, wall_clock(event->when),
			      PKNOCK_A_PEER_PAD) ||
	    (event->grant && put_grant(skb, event)) ||
	    (event->command == PKNOCK_CMD_REFUSED_NTF &&
	     nla_put_u32(skb, PKNOCK_A_PEER_REASON, event->reason)))
		return -EMSGSIZE;
	genlmsg_end(skb, header);
	return 0;
}

static void count(struct pknock_door *door, u8 counter)
{
	atomic64_inc(&door->events.counts[counter]);
}

/* To those who listen. Context: RCU; @net stays meanwhile. */
static void send(struct pknock_door *door, struct net *net,
		 const struct event *event)
{
	struct sk_buff *skb = NULL;

	if (!event->limited || is_on_time(&door->events.next[event->counter]))
		skb = genlmsg_new(EVENT_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb) {
		count(door, PKNOCK_A_COUNTERS_EVENTS_DROPPED);
		return;
	}
	if (put_event(skb, door, event)) {
		nlmsg_free(skb);
		count(door, PKNOCK_A_COUNTERS_EVENTS_DROPPED);
		return;
	}
	genlmsg_multicast_netns(&pknock_nl_family, net, skb, 0,
				PKNOCK_NLGRP_EVENTS, GFP_ATOMIC | __GFP_NOWARN);
}

static void tell(struct pknock_door *door, const struct event *event)
{
	struct net *net;

	count(door, event->counter);
	rcu_read_lock();
	net = pknock_door_listeners(door);
	if (net &&
	    genl_has_listeners(&pknock_nl_family, net, PKNOCK_NLGRP_EVENTS))
		send(door, net, event);
	rcu_read_unlock();
}

void pknock_event_opened(struct pknock_door *door,
			 const struct pknock_source *source,
			 const struct pknock_grant *grant,
			 const struct pknock_opening *opening)
{
	if (opening->expired)
		pknock_event_expired(door, source, opening->expired);
	tell(door,
	     &(struct event){
		     .command = PKNOCK_CMD_OPENED_NTF,
		     .counter = opening->renewed ? PKNOCK_A_COUNTERS_RENEWED :
						   PKNOCK_A_COUNTERS_OPENED,
		     .source = source,
		     .when = opening->when,
		     .grant = grant,
		     .renewed = opening->renewed,
	     });
	pknock_connector_tell(door, source);
}

void pknock_event_closed(struct pknock_door *door,
			 const struct pknock_source *source)
{
	tell(door, &(struct event){
			   .command = PKNOCK_CMD_CLOSED_NTF,
			   .counter = PKNOCK_A_COUNTERS_CLOSED,
			   .source = source,
			   .when = pknock_now(),
		   });
}

/* @when: nanoseconds since boot */
void pknock_event_expired(struct pknock_door *door,
			  const struct pknock_source *source, u64 when)
{
	tell(door, &(struct event){
			   .command = PKNOCK_CMD_EXPIRED_NTF,
			   .counter = PKNOCK_A_COUNTERS_EXPIRED,
			   .source = source,
			   .when = when,
		   });
}

void pknock_event_revoked(struct pknock_door *door,
			  const struct pknock_source *source)
{
	tell(door, &(struct event){
			   .command = PKNOCK_CMD_REVOKED_NTF,
			   .counter = PKNOCK_A_COUNTERS_REVOKED,
			   .source = source,
			   .when = pknock_now(),
		   });
}

void pknock_event_evicted(struct pknock_door *door,
			  const struct pknock_source *source)
{
	tell(door, &(struct event){
			   .command = PKNOCK_CMD_EVICTED_NTF,
			   .counter = PKNOCK_A_COUNTERS_EVICTED,
			   .limited = true,
			   .source = source,
			   .when = pknock_now(),
		   });
}

void pknock_event_refused(struct pknock_door *door,
			  const struct pknock_source *source,
			  enum pknock_reason reason)
{
	static const u8 counters[] = {
		[PKNOCK_REASON_BAD_MAC] = PKNOCK_A_COUNTERS_BAD_MAC,
		[PKNOCK_REASON_REPLAY] = PKNOCK_A_COUNTERS_REPLAY,
		[PKNOCK_REASON_FULL] = PKNOCK_A_COUNTERS_FULL,
	};

	tell(door, &(struct event){
			   .command = PKNOCK_CMD_REFUSED_NTF,
			   .counter = counters[reason],
			   .limited = true,
			   .source = source,
			   .when = pknock_now(),
			   .reason = reason,
		   });
}

/* The attributes of a nest of counters. Return: 0 or -EMSGSIZE. */
int pknock_events_put(struct sk_buff *skb, const struct pknock_events *events)
{
	int counter;

	for (counter = PKNOCK_A_COUNTERS_OPENED;
	     counter <= PKNOCK_A_COUNTERS_MAX; counter++)
		if (nla_put_u64_64bit(skb, counter,
				      atomic64_read(&events->counts[counter]),
				      PKNOCK_A_COUNTERS_PAD))
			return -EMSGSIZE;
	return 0;
}
