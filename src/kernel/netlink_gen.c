// SPDX-License-Identifier: GPL-2.0-only
/* Do not edit directly, auto-generated from: */
/*	spec/pknock.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/pknock.h>

/* PKNOCK_CMD_DOOR_GET - dump */
static const struct nla_policy pknock_door_get_nl_policy[PKNOCK_A_DOOR_NAME + 1] = {
	[PKNOCK_A_DOOR_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* PKNOCK_CMD_PEER_GET - dump */
static const struct nla_policy pknock_peer_get_nl_policy[PKNOCK_A_PEER_PREFIX + 1] = {
	[PKNOCK_A_PEER_DOOR] = { .type = NLA_NUL_STRING, .len = 31, },
	[PKNOCK_A_PEER_IPV4] = { .type = NLA_U32, },
	[PKNOCK_A_PEER_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[PKNOCK_A_PEER_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* PKNOCK_CMD_PEER_ADD - do */
static const struct nla_policy pknock_peer_add_nl_policy[PKNOCK_A_PEER_EXCLUSIVE + 1] = {
	[PKNOCK_A_PEER_DOOR] = { .type = NLA_NUL_STRING, .len = 31, },
	[PKNOCK_A_PEER_IPV4] = { .type = NLA_U32, },
	[PKNOCK_A_PEER_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[PKNOCK_A_PEER_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKNOCK_A_PEER_TTL] = NLA_POLICY_MIN(NLA_U64, 1),
	[PKNOCK_A_PEER_CREATE] = { .type = NLA_FLAG, },
	[PKNOCK_A_PEER_EXCLUSIVE] = { .type = NLA_FLAG, },
};

/* PKNOCK_CMD_PEER_DEL - do */
static const struct nla_policy pknock_peer_del_nl_policy[PKNOCK_A_PEER_PREFIX + 1] = {
	[PKNOCK_A_PEER_DOOR] = { .type = NLA_NUL_STRING, .len = 31, },
	[PKNOCK_A_PEER_IPV4] = { .type = NLA_U32, },
	[PKNOCK_A_PEER_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[PKNOCK_A_PEER_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* PKNOCK_CMD_PEER_FLUSH - do */
static const struct nla_policy pknock_peer_flush_nl_policy[PKNOCK_A_PEER_DOOR + 1] = {
	[PKNOCK_A_PEER_DOOR] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* Ops table for pknock */
static const struct genl_split_ops pknock_nl_ops[] = {
	{
		.cmd		= PKNOCK_CMD_DOOR_GET,
		.dumpit		= pknock_nl_door_get_dumpit,
		.policy		= pknock_door_get_nl_policy,
		.maxattr	= PKNOCK_A_DOOR_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PKNOCK_CMD_PEER_GET,
		.start		= pknock_nl_peer_get_start,
		.dumpit		= pknock_nl_peer_get_dumpit,
		.done		= pknock_nl_peer_get_done,
		.policy		= pknock_peer_get_nl_policy,
		.maxattr	= PKNOCK_A_PEER_PREFIX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PKNOCK_CMD_PEER_ADD,
		.doit		= pknock_nl_peer_add_doit,
		.policy		= pknock_peer_add_nl_policy,
		.maxattr	= PKNOCK_A_PEER_EXCLUSIVE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PKNOCK_CMD_PEER_DEL,
		.doit		= pknock_nl_peer_del_doit,
		.policy		= pknock_peer_del_nl_policy,
		.maxattr	= PKNOCK_A_PEER_PREFIX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PKNOCK_CMD_PEER_FLUSH,
		.doit		= pknock_nl_peer_flush_doit,
		.policy		= pknock_peer_flush_nl_policy,
		.maxattr	= PKNOCK_A_PEER_DOOR,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group pknock_nl_mcgrps[] = {
	[PKNOCK_NLGRP_EVENTS] = { "events", },
};

struct genl_family pknock_nl_family __ro_after_init = {
	.name		= PKNOCK_FAMILY_NAME,
	.version	= PKNOCK_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= pknock_nl_ops,
	.n_split_ops	= ARRAY_SIZE(pknock_nl_ops),
	.mcgrps		= pknock_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(pknock_nl_mcgrps),
};
