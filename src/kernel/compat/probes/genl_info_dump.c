// SPDX-License-Identifier: GPL-2.0-only
/* Since 6.6 a dump's attributes are had as those of other operations are. */
#include <net/genetlink.h>

struct nlattr **probe(struct netlink_callback *cb);

struct nlattr **probe(struct netlink_callback *cb)
{
#if PKNOCK_PROBE_FORMER
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}
