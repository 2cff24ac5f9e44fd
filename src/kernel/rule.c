// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include "check.h"
#include "door.h"
#include "rule.h"

static siphash_key_t sequence_key __ro_after_init;
static atomic_t last_id = ATOMIC_INIT(0);

void __init pknock_rules_init(void)
{
	get_random_bytes(&sequence_key, sizeof(sequence_key));
}

/* The rule's -p; 0 where it has none, or one that it inverts. */
static u8 rule_protocol(const struct xt_mtchk_param *par)
{
	if (par->family == NFPROTO_IPV6) {
		const struct ip6t_ip6 *ip6 = par->entryinfo;

		if (!(ip6->flags & IP6T_F_PROTO) ||
		    ip6->invflags & XT_INV_PROTO)
			return 0;
		return ip6->proto;
	} else {
		const struct ipt_ip *ip = par->entryinfo;

		return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
	}
}

static void fill_sequence(struct pknock_sequence *sequence,
			  const struct xt_pknock_mtinfo2 *info, u8 protocol)
{
	unsigned int i;

	sequence->length = info->port_count;
	for (i = 0; i < info->port_count; i++) {
		sequence->steps[i].port = info->ports[i].port;
		sequence->steps[i].protocol =
			pknock_port_protocol(&info->ports[i], protocol);
	}
	sequence->id = siphash(sequence->steps, sizeof(sequence->steps),
			       &sequence_key);

	sequence->strict = info->flags & XT_PKNOCK_F(STRICT);
	sequence->time = info->flags & XT_PKNOCK_F(TIME) ?
				 info->time :
				 XT_PKNOCK_TIME_DEFAULT;
}

static void fill_secrets(struct pknock_rule *rule,
			 const struct xt_pknock_mtinfo2 *info)
{
	rule->skew = info->flags & XT_PKNOCK_F(SKEW) ? info->skew :
						       XT_PKNOCK_SKEW_DEFAULT;
	rule->spa = info->flags & XT_PKNOCK_F(OPENSECRET);
	if (!rule->spa)
		return;
	hmac_sha256_preparekey(&rule->open, (const u8 *)info->opensecret,
			       strlen(info->opensecret));
	hmac_sha256_preparekey(&rule->close, (const u8 *)info->closesecret,
			       strlen(info->closesecret));
}

/**
 * pknock_rule_new - check a rule and make it ready for packets
 * @par:	from x_tables; .matchinfo is a struct xt_pknock_mtinfo2
 *
 * Context: process. Return: the rule, or an ERR_PTR.
 */
struct pknock_rule *pknock_rule_new(const struct xt_mtchk_param *par)
{
	const struct xt_pknock_mtinfo2 *info = par->matchinfo;
	const unsigned int bits = pknock_address_bits(par->family);
	const u8 protocol = rule_protocol(par);
	const char *complaint = pknock_check(info, bits, protocol);
	struct pknock_rule *rule;
	int err;

	if (complaint) {
		pr_debug("%s\n", complaint);
		return ERR_PTR(-EINVAL);
	}
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return ERR_PTR(-ENOMEM);

	rule->id = atomic_inc_return(&last_id);
	rule->family = par->family;
	rule->knocks = info->flags & XT_PKNOCK_F(KNOCKPORTS);
	rule->once = info->flags & XT_PKNOCK_F(ONCE);
	rule->ttl = (u64)info->ttl * NSEC_PER_SEC;
	rule->max_peers = info->flags & XT_PKNOCK_F(MAX_PEERS) ?
				  info->max_peers :
				  XT_PKNOCK_MAX_PEERS_DEFAULT;
	rule->prefix = info->flags & XT_PKNOCK_F(MASK) ? info->mask : bits;
	pknock_prefix_mask(rule->mask, rule->prefix);
	fill_sequence(&rule->sequence, info, protocol);
	fill_secrets(rule, info);
	/* Last: a door, once made, lingers. */
	rule->door = pknock_door_get(par->net, info->name);
	if (IS_ERR(rule->door)) {
		err = PTR_ERR(rule->door);
		goto err_rule;
	}
	pknock_door_set_prefix(rule->door, rule->family, rule->prefix);
	return rule;

err_rule:
	kfree_sensitive(rule);
	return ERR_PTR(err);
}

/* When no packet can be in the rule any more. Context: process. */
void pknock_rule_free(struct pknock_rule *rule)
{
	pknock_door_put(rule->door);
	kfree_sensitive(rule);
}
