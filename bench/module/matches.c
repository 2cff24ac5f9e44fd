// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits that other matches are held against: one that does nothing, and one
 * that does nothing but the HMACs that a token costs.
 */
#include <crypto/sha2.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "matches.h"

static bool null_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	return false;
}

static const struct hmac_sha256_key *key_of(const struct bench_hmac_info *info)
{
	return (const struct hmac_sha256_key *)(unsigned long)info->key;
}

/* The same message as a token's: the source, and a minute of 32 bits. */
static bool hmac_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct bench_hmac_info *info = par->matchinfo;
	u8 message[sizeof(struct in6_addr) + sizeof(u32)];
	u8 sum[SHA256_DIGEST_SIZE];
	size_t len;
	u32 round;

	if (par->state->pf == NFPROTO_IPV6) {
		len = sizeof(struct in6_addr);
		memcpy(message, &ipv6_hdr(skb)->saddr, len);
	} else {
		len = sizeof(__be32);
		memcpy(message, &ip_hdr(skb)->saddr, len);
	}
	for (round = 0; round < info->rounds; round++) {
		memcpy(message + len, &round, sizeof(round));
		hmac_sha256(key_of(info), message, len + sizeof(round), sum);
	}
	return !sum[0];
}

static int hmac_mt_check(const struct xt_mtchk_param *par)
{
	struct bench_hmac_info *info = par->matchinfo;
	struct hmac_sha256_key *key;

	if (!info->rounds)
		return -EINVAL;
	key = kzalloc(sizeof(*key), GFP_KERNEL);
	if (!key)
		return -ENOMEM;
	hmac_sha256_preparekey(key, info->secret, sizeof(info->secret));
	info->key = (unsigned long)key;
	return 0;
}

static void hmac_mt_destroy(const struct xt_mtdtor_param *par)
{
	kfree(key_of(par->matchinfo));
}

static struct xt_match bench_matches[] __read_mostly = {
	{
		.name = "bench_null",
		.family = NFPROTO_UNSPEC,
		.match = null_mt,
		.me = THIS_MODULE,
	},
	{
		.name = "bench_hmac",
		.family = NFPROTO_UNSPEC,
		.match = hmac_mt,
		.checkentry = hmac_mt_check,
		.destroy = hmac_mt_destroy,
		.matchsize = sizeof(struct bench_hmac_info),
		.usersize = offsetof(struct bench_hmac_info, key),
		.me = THIS_MODULE,
	},
};

int bench_matches_register(void)
{
	return xt_register_matches(bench_matches, ARRAY_SIZE(bench_matches));
}

void bench_matches_unregister(void)
{
	xt_unregister_matches(bench_matches, ARRAY_SIZE(bench_matches));
}
