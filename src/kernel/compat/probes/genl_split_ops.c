// SPDX-License-Identifier: GPL-2.0-only
/* Since 6.2 a family may have its dumps and other operations apart. */
#include <net/genetlink.h>

#if PKNOCK_PROBE_FORMER
static const struct genl_ops ops[] = {
	{.cmd = 1, .flags = GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO},
};

const struct genl_family probe = {
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
};
#else
static const struct genl_split_ops ops[] = {
	{.cmd = 1, .flags = GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO},
};

const struct genl_family probe = {
	.split_ops = ops,
	.n_split_ops = ARRAY_SIZE(ops),
};
#endif
