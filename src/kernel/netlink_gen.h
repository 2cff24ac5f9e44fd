/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit directly, auto-generated from: */
/*	spec/pknock.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_PKNOCK_GEN_H
#define _LINUX_PKNOCK_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/pknock.h>

int pknock_nl_peer_get_start(struct netlink_callback *cb);
int pknock_nl_peer_get_done(struct netlink_callback *cb);

int pknock_nl_door_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pknock_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pknock_nl_peer_add_doit(struct sk_buff *skb, struct genl_info *info);
int pknock_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int pknock_nl_peer_flush_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	PKNOCK_NLGRP_EVENTS,
};

extern struct genl_family pknock_nl_family;

#endif /* _LINUX_PKNOCK_GEN_H */
