/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule may say: everything that iptables refuses, refused again. */
#ifndef PKNOCK_CHECK_H
#define PKNOCK_CHECK_H

#include <linux/types.h>
#include "uapi/xt_pknock.h"

/**
 * pknock_check - find what is wrong with a rule
 * @info:	as it came from userspace: any bytes
 * @bits:	of an address of the rule's family: 32 or 128
 * @protocol:	the rule's -p, or 0
 *
 * Return: NULL, or a sentence that names the option.
 */
const char *pknock_check(const struct xt_pknock_mtinfo2 *info,
			 unsigned int bits, u8 protocol);

/* May a door be called that? @name: up to XT_PKNOCK_NAME_SIZE bytes of any kind */
bool pknock_is_name(const char *name);

/* The protocol of a checked step, once the rule's -p is known. */
static inline u8 pknock_port_protocol(const struct xt_pknock_port *port,
				      u8 protocol)
{
	return port->protocol ?: protocol;
}

#endif
