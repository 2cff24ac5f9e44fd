/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom a packet comes from, as far as the rule's --mask cares: a table's key. */
#ifndef PKNOCK_SOURCE_H
#define PKNOCK_SOURCE_H

#include <linux/netfilter.h>
#include <linux/siphash.h>
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

/* What is not the address goes into the key: one round less, or two. */
static inline u32 pknock_source_hash(const struct pknock_source *source)
{
	const hsiphash_key_t key = {{
		pknock_hash_key.key[0],
		pknock_hash_key.key[1] ^ (source->family << 8 | source->prefix),
	}};
	const u32 *words = (__force const u32 *)source->address;

	if (source->family == NFPROTO_IPV4)
		return hsiphash_1u32(words[0], &key);
	return hsiphash_4u32(words[0], words[1], words[2], words[3], &key);
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
	return a->address[0] == b->address[0] &&
	       a->address[1] == b->address[1] &&
	       a->address[2] == b->address[2] &&
	       a->address[3] == b->address[3] && a->family == b->family &&
	       a->prefix == b->prefix;
}

#endif
