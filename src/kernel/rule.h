/* SPDX-License-Identifier: GPL-2.0-only */
/* A rule as packets need it: checked, resolved, with its keys prepared. */
#ifndef PKNOCK_RULE_H
#define PKNOCK_RULE_H

#include <crypto/sha2.h>
#include <linux/types.h>
#include "knock.h"

struct pknock_door;
struct xt_mtchk_param;

/**
 * struct pknock_rule - one rule
 * @id:		its number, of all rules since the module was loaded
 * @door:	held
 * @mask:	network byte order; what counts of a source's address
 * @family:	NFPROTO_IPV4 or NFPROTO_IPV6
 * @prefix:	leading bits set in @mask
 * @knocks:	the rule sees knocks (--knockports); else it only checks
 * @spa:	and they are SPA datagrams
 * @once:	the first packet matched closes the door
 * @skew:	minutes that a token may be off
 * @max_peers:	cap of the door's half-open peers
 * @ttl:	nanoseconds that the rule opens the door for, 0 = for ever
 * @sequence:	its knocks; of an SPA rule its one port
 * @open, @close: the secrets of an SPA rule
 */
struct pknock_rule {
	u32 id;
	struct pknock_door *door;
	__be32 mask[4];
	u8 family;
	u8 prefix;
	bool knocks;
	bool spa;
	bool once;
	u8 skew;
	unsigned int max_peers;
	u64 ttl;
	struct pknock_sequence sequence;
	struct hmac_sha256_key open;
	struct hmac_sha256_key close;
};

void pknock_rules_init(void);
struct pknock_rule *pknock_rule_new(const struct xt_mtchk_param *par);
void pknock_rule_free(struct pknock_rule *rule);

/* How the rule hangs on the layout that userspace knows. */
static inline struct pknock_rule *
pknock_rule_of(const struct xt_pknock_mtinfo2 *info)
{
	return (struct pknock_rule *)(unsigned long)info->rule;
}

#endif
