// SPDX-License-Identifier: GPL-2.0-only
/* xt_pknock: port knocking and single packet authorization in netfilter. */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include "door.h"
#include "half_open.h"
#include "match.h"
#include "netlink.h"
#include "peer_table.h"
#include "rule.h"

hsiphash_key_t pknock_hash_key __ro_after_init;

static int __init pknock_init(void)
{
	int err;

	get_random_bytes(&pknock_hash_key, sizeof(pknock_hash_key));
	pknock_rules_init();
	err = pknock_peer_cache_init();
	if (err)
		return err;
	err = pknock_half_cache_init();
	if (err)
		goto err_peer_cache;
	err = pknock_doors_register();
	if (err)
		goto err_half_cache;
	err = pknock_netlink_init();
	if (err)
		goto err_doors;
	err = pknock_match_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	pknock_netlink_exit();
err_doors:
	pknock_doors_unregister();
err_half_cache:
	pknock_half_cache_exit();
err_peer_cache:
	pknock_peer_cache_exit();
	return err;
}

static void __exit pknock_exit(void)
{
	pknock_match_exit();
	pknock_netlink_exit();
	pknock_doors_unregister();
	rcu_barrier(); /* peers on their way into the caches */
	pknock_half_cache_exit();
	pknock_peer_cache_exit();
}

module_init(pknock_init);
module_exit(pknock_exit);

MODULE_DESCRIPTION("Xtables: port knocking and single packet authorization");
MODULE_AUTHOR("The PortKnocko authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(PORTKNOCKO_VERSION);
MODULE_ALIAS("ipt_pknock");
MODULE_ALIAS("ip6t_pknock");
