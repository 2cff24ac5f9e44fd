/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family "pknock", as spec/pknock.yaml describes it. */
#ifndef PKNOCK_NETLINK_H
#define PKNOCK_NETLINK_H

#include <linux/types.h>

struct netlink_ext_ack;
struct nlattr;
struct pknock_source;

int pknock_netlink_init(void);
void pknock_netlink_exit(void);

int pknock_netlink_source(struct nlattr **attrs, struct netlink_ext_ack *extack,
			  struct pknock_source *source);

#endif
