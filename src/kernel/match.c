// SPDX-License-Identifier: GPL-2.0-only
/*
 * The x_tables glue, and the only file that sees a packet.
 *
 * Every way out that is not a clear yes is a no: what cannot be read, fragments
 * without a header and other protocols never match.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "door.h"
#include "match.h"
#include "rule.h"
#include "spa.h"

/**
 * struct packet - what of a packet matters to a rule
 * @skb:	itself
 * @source:	masked by the rule
 * @address:	the source as it stands in the packet
 * @address_len: 4 or 16
 * @is_fragment: the first one, which does not hold all that its headers tell of
 * @is_knock:	a TCP segment that only asks for a connection, or UDP
 * @knock:	ports and protocol, of any TCP segment and UDP datagram
 * @payload:	where that of a UDP datagram begins in @skb
 * @payload_len: as the UDP header says; of a fragment, it need not be there
 */
struct packet {
	const struct sk_buff *skb;
	struct pknock_source source;
	const u8 *address;
	size_t address_len;
	bool is_fragment;
	bool is_knock;
	struct pknock_knock knock;
	unsigned int payload;
	unsigned int payload_len;
};

static bool read_tcp(struct packet *packet, unsigned int offset)
{
	const struct tcphdr *tcp;
	struct tcphdr buffer;

	tcp = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	if (!tcp || tcp->doff < sizeof(*tcp) / 4 ||
	    tcp->doff * 4 > packet->skb->len - offset)
		return false;
	packet->is_knock = tcp->syn && !tcp->ack && !tcp->rst && !tcp->fin;
	packet->knock.protocol = IPPROTO_TCP;
	packet->knock.sport = ntohs(tcp->source);
	packet->knock.dport = ntohs(tcp->dest);
	packet->knock.tcp_seq = ntohl(tcp->seq);
	packet->payload = 0;
	packet->payload_len = 0;
	return true;
}

static bool read_udp(struct packet *packet, unsigned int offset)
{
	const struct udphdr *udp;
	struct udphdr buffer;
	unsigned int len;

	udp = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	if (!udp)
		return false;
	len = ntohs(udp->len);
	if (len < sizeof(*udp) ||
	    (!packet->is_fragment && len > packet->skb->len - offset))
		return false;
	packet->is_knock = true;
	packet->knock.protocol = IPPROTO_UDP;
	packet->knock.sport = ntohs(udp->source);
	packet->knock.dport = ntohs(udp->dest);
	packet->knock.tcp_seq = 0;
	packet->payload = offset + sizeof(*udp);
	packet->payload_len = len - sizeof(*udp);
	return true;
}

static bool read_transport(struct packet *packet, int protocol,
			   unsigned int offset)
{
	if (protocol == IPPROTO_TCP)
		return read_tcp(packet, offset);
	if (protocol == IPPROTO_UDP)
		return read_udp(packet, offset);
	return false;
}

static bool read_ipv4(struct packet *packet, const struct pknock_rule *rule)
{
	const struct iphdr *ip = ip_hdr(packet->skb);

	if (ntohs(ip->frag_off) & IP_OFFSET || ip->ihl < sizeof(*ip) / 4)
		return false;
	packet->is_fragment = ip->frag_off & htons(IP_MF);
	packet->address = (const u8 *)&ip->saddr;
	packet->address_len = sizeof(ip->saddr);
	packet->source.address[0] = ip->saddr & rule->mask[0];
	packet->source.address[1] = 0;
	packet->source.address[2] = 0;
	packet->source.address[3] = 0;
	return read_transport(packet, ip->protocol,
			      skb_network_offset(packet->skb) + ip->ihl * 4);
}

/* Behind a fragment header there may be a whole packet (RFC 6946). */
static bool more_fragments(const struct sk_buff *skb)
{
	const struct frag_hdr *header = NULL;
	struct frag_hdr buffer;
	unsigned int at = 0;

	if (ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, NULL, NULL) >= 0)
		header = skb_header_pointer(skb, at, sizeof(buffer), &buffer);
	return header && header->frag_off & htons(IP6_MF);
}

static bool read_ipv6(struct packet *packet, const struct pknock_rule *rule)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(packet->skb);
	unsigned short fragment = 0;
	unsigned int offset = 0, word;
	int flags = 0;
	int protocol =
		ipv6_find_hdr(packet->skb, &offset, -1, &fragment, &flags);

	if (protocol < 0 || fragment)
		return false;
	packet->is_fragment =
		flags & IP6_FH_F_FRAG && more_fragments(packet->skb);
	packet->address = (const u8 *)&ip6->saddr;
	packet->address_len = sizeof(ip6->saddr);
	for (word = 0; word < ARRAY_SIZE(rule->mask); word++)
		packet->source.address[word] =
			ip6->saddr.s6_addr32[word] & rule->mask[word];
	return read_transport(packet, protocol, offset);
}

/*
 * Fills all of @packet, field by field: to zero it before would take as long as
 * all the rest of a packet's way. Or returns false.
 */
static bool read_packet(struct packet *packet, const struct sk_buff *skb,
			const struct pknock_rule *rule)
{
	packet->skb = skb;
	packet->source.family = rule->family;
	packet->source.prefix = rule->prefix;
	packet->source.zero = 0;
	if (!(rule->family == NFPROTO_IPV6 ? read_ipv6(packet, rule) :
					     read_ipv4(packet, rule)))
		return false;
	packet->knock.packet = skb;
	packet->knock.rule = rule->id;
	return true;
}

static bool is_open(const struct pknock_rule *rule, const struct packet *packet)
{
	return pknock_peer_is_open(&rule->door->peers, &packet->source);
}

static void open_door(const struct pknock_rule *rule,
		      const struct packet *packet, enum pknock_origin origin)
{
	const struct pknock_grant grant = {
		.ttl = rule->ttl,
		.origin = origin,
		.protocol = packet->knock.protocol,
		.knocks = rule->sequence.length,
	};
	struct pknock_opening opening;

	if (pknock_peer_open(&rule->door->peers, &packet->source, &grant,
			     &opening))
		pknock_event_refused(rule->door, &packet->source,
				     PKNOCK_REASON_FULL);
	else
		pknock_event_opened(rule->door, &packet->source, &grant,
				    &opening);
}

static bool close_door(const struct pknock_rule *rule,
		       const struct packet *packet)
{
	bool closed = pknock_peer_close(&rule->door->peers, &packet->source);

	if (closed)
		pknock_event_closed(rule->door, &packet->source);
	return closed;
}

static void knock(const struct pknock_rule *rule, const struct packet *packet)
{
	struct pknock_half_outcome outcome __uninitialized;

	pknock_half_knock(&rule->door->half_open, &packet->source,
			  &rule->sequence, &packet->knock, rule->max_peers,
			  &outcome);
	if (outcome.completed)
		open_door(rule, packet, PKNOCK_ORIGIN_SEQUENCE);
	while (outcome.evicted)
		pknock_event_evicted(rule->door,
				     &outcome.victims[--outcome.evicted]);
	pknock_door_stir(rule->door);
}

static bool is_wrong_knock(const struct pknock_rule *rule,
			   const struct packet *packet)
{
	return packet->is_knock && rule->sequence.strict &&
	       pknock_sequence_hears(&rule->sequence, packet->knock.protocol);
}

/* A knock at one of the rule's ports never matches, even at an open door. */
static bool match_sequence(const struct pknock_rule *rule,
			   const struct packet *packet)
{
	const bool is_step =
		packet->is_knock &&
		pknock_sequence_contains(&rule->sequence, &packet->knock);

	if (is_open(rule, packet))
		return !is_step;
	if (is_step || is_wrong_knock(rule, packet))
		knock(rule, packet);
	return false;
}

/*
 * Is the token true for this packet, and was it never used before?
 * Return: 0, -EBADMSG if it is not true, or as pknock_tokens_accept().
 */
static int spend_token(const struct pknock_rule *rule,
		       const struct packet *packet,
		       const struct pknock_spa_v1 *spa,
		       const struct hmac_sha256_key *secret)
{
	u32 minute;

	if (!pknock_spa_v1_verify(spa, secret, packet->address,
				  packet->address_len, pknock_minute(),
				  rule->skew, &minute))
		return -EBADMSG;
	pknock_door_stir(rule->door);
	return pknock_tokens_accept(&rule->door->tokens, spa->token, minute);
}

static bool read_spa(const struct packet *packet, struct pknock_spa_v1 *spa)
{
	u8 buffer[PKNOCK_SPA_V1_SIZE] __uninitialized;
	const u8 *payload;

	if (packet->payload_len != sizeof(buffer))
		return false;
	payload = skb_header_pointer(packet->skb, packet->payload,
				     sizeof(buffer), buffer);
	return payload && pknock_spa_v1_parse(spa, payload, sizeof(buffer));
}

/*
 * Let a datagram that looks like a token act. A true close token closes even
 * if memory is short. Return: 0, or why not, as spend_token().
 */
static int use_token(const struct pknock_rule *rule,
		     const struct packet *packet,
		     const struct pknock_spa_v1 *spa, bool at_port, bool open)
{
	int err = -EBADMSG;

	if (at_port)
		err = spend_token(rule, packet, spa, &rule->open);
	if (!err) {
		open_door(rule, packet, PKNOCK_ORIGIN_SPA_V1);
	} else if (err == -EBADMSG && open) {
		err = spend_token(rule, packet, spa, &rule->close);
		if (err != -EBADMSG && err != -EEXIST) {
			close_door(rule, packet);
			err = 0;
		}
	}
	return err;
}

static void refuse(const struct pknock_rule *rule, const struct packet *packet,
		   int err)
{
	pknock_event_refused(rule->door, &packet->source,
			     err == -EBADMSG ? PKNOCK_REASON_BAD_MAC :
			     err == -EEXIST  ? PKNOCK_REASON_REPLAY :
					       PKNOCK_REASON_FULL);
}

/*
 * The open token counts at the knock port, the close token at every port (M7)
 * but only for someone whose door is open: nobody else costs us an HMAC there.
 */
static bool match_spa(const struct pknock_rule *rule,
		      const struct packet *packet)
{
	const bool at_port =
		pknock_sequence_contains(&rule->sequence, &packet->knock);
	bool open = is_open(rule, packet);
	struct pknock_spa_v1 spa __uninitialized;

	if ((at_port || open) && read_spa(packet, &spa)) {
		int err = use_token(rule, packet, &spa, at_port, open);

		if (!err)
			open = false;
		else if (at_port || err != -EBADMSG) /* or else no token */
			refuse(rule, packet, err);
	}
	return open && !at_port;
}

static bool match_packet(const struct pknock_rule *rule,
			 const struct packet *packet)
{
	if (!rule->knocks)
		return is_open(rule, packet);
	if (rule->spa)
		return match_spa(rule, packet);
	return match_sequence(rule, packet);
}

static bool pknock_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct pknock_rule *rule = pknock_rule_of(par->matchinfo);
	struct packet packet __uninitialized;
	bool matched;

	matched =
		read_packet(&packet, skb, rule) && match_packet(rule, &packet);
	/* Of several packets at once, only the one that closes it passes. */
	if (matched && rule->once)
		matched = close_door(rule, &packet);
	return matched;
}

/* x_tables frees the layout as it is. */
static void wipe_secrets(struct xt_pknock_mtinfo2 *info)
{
	memzero_explicit(info->opensecret, sizeof(info->opensecret));
	memzero_explicit(info->closesecret, sizeof(info->closesecret));
}

static int pknock_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_pknock_mtinfo2 *info = par->matchinfo;
	struct pknock_rule *rule = pknock_rule_new(par);

	if (IS_ERR(rule)) {
		wipe_secrets(info);
		return PTR_ERR(rule);
	}
	info->rule = (unsigned long)rule;
	return 0;
}

static void pknock_mt_destroy(const struct xt_mtdtor_param *par)
{
	struct xt_pknock_mtinfo2 *info = par->matchinfo;

	pknock_rule_free(pknock_rule_of(info));
	wipe_secrets(info);
}

#define PKNOCK_MATCH(protocol_family)                                        \
	{                                                                    \
		.name = "pknock", .revision = XT_PKNOCK_REVISION,            \
		.family = (protocol_family), .match = pknock_mt,             \
		.checkentry = pknock_mt_check, .destroy = pknock_mt_destroy, \
		.matchsize = sizeof(struct xt_pknock_mtinfo2),               \
		.usersize = offsetof(struct xt_pknock_mtinfo2, rule),        \
		.me = THIS_MODULE,                                           \
	}

static struct xt_match pknock_matches[] __read_mostly = {
	PKNOCK_MATCH(NFPROTO_IPV4),
	PKNOCK_MATCH(NFPROTO_IPV6),
};

int __init pknock_match_init(void)
{
	return xt_register_matches(pknock_matches, ARRAY_SIZE(pknock_matches));
}

void pknock_match_exit(void)
{
	xt_unregister_matches(pknock_matches, ARRAY_SIZE(pknock_matches));
}
