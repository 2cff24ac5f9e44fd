/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom a packet comes from, as far as the rule's --mask cares: a table's key. */
#ifndef PKNOCK_SOURCE_H
#define PKNOCK_SOURCE_H

#include <linux/netfilter.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include <linux/types.h>

/**
 * struct pknock_source - a masked address; every byte counts in comparisons
 * @address:	network byte order; IPv4 in the first word, the others 0
 * @family:	NFPROTO_IPV4 or NFPROTO_IPV6
 * @prefix:	leading bits that the mask left; rules with other masks see
 *		other sources
 * @zero:	0
 */
struct pknock_source {
	__be32 address[4];
	u8 family;
	u8 prefix;
	u16 zero;
};

/* Random since the module was loaded: nobody outside can aim at a bucket. */
extern hsiphash_key_t pknock_hash_key;

/* @seed is the hash table's own, drawn anew when it has to rehash. */
static inline u32 pknock_source_hash(const struct pknock_source *source,
				     u32 seed)
{
	const struct {
		struct pknock_source source;
		u32 seed;
	} input = {*source, seed};

	return hsiphash(&input, sizeof(input), &pknock_hash_key);
}

/* Of an address of a family, in bits. */
static inline u8 pknock_address_bits(u8 family)
{
	return family == NFPROTO_IPV6 ? 128 : 32;
}

void pknock_prefix_mask(__be32 mask[4], unsigned int prefix);

static inline bool pknock_source_equal(const struct pknock_source *a,
				       const struct pknock_source *b)
{
	return !memcmp(a, b, sizeof(*a));
}

#endif
