// SPDX-License-Identifier: GPL-2.0-only
#include <linux/build_bug.h>
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include "check.h"

#define F(option) XT_PKNOCK_F(option)
#define SECRETS (F(OPENSECRET) | F(CLOSESECRET))

/* The layout is an interface: the same in every kernel and every iptables. */
static_assert(sizeof(struct xt_pknock_port) == 4);
static_assert(offsetof(struct xt_pknock_mtinfo2, rule) == 368);
static_assert(sizeof(struct xt_pknock_mtinfo2) == 376);

bool pknock_is_name(const char *name)
{
	size_t len = strnlen(name, XT_PKNOCK_NAME_SIZE);
	size_t i;

	if (!len || len == XT_PKNOCK_NAME_SIZE)
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr("_.-", name[i])))
			return false;
	return strcmp(name, ".") && strcmp(name, "..");
}

static bool is_secret(const char *secret)
{
	size_t len = strnlen(secret, XT_PKNOCK_SECRET_SIZE);

	return len && len < XT_PKNOCK_SECRET_SIZE;
}

/* What goes with what, by the flags alone. */
static const char *check_options(u32 flags)
{
	if (flags & ~XT_PKNOCK_F_ALL)
		return "unknown option: the plugin is newer than the module";
	if (!(flags & F(NAME)))
		return "--name is missing";
	if (!(flags & F(KNOCKPORTS)) == !(flags & F(CHECKIP)))
		return "one of --knockports and --checkip is needed";
	if (flags & F(CHECKIP) &&
	    flags & ~(F(NAME) | F(CHECKIP) | F(ONCE) | F(MASK)))
		return "--checkip goes with --name, --once and --mask only";
	if (flags & F(AUTOCLOSE) && flags & F(TTL))
		return "--autoclose and --ttl exclude each other";
	if (!(flags & F(OPENSECRET)) != !(flags & F(CLOSESECRET)))
		return "--opensecret and --closesecret need each other";
	if (flags & F(SKEW) && !(flags & SECRETS))
		return "--skew needs --opensecret and --closesecret";
	return NULL;
}

/* A number without its option has to be 0. */
static const char *check_number(bool given, u32 value, u32 min, u32 max,
				const char *complaint)
{
	if (given ? value < min || value > max : value)
		return complaint;
	return NULL;
}

static const char *check_numbers(const struct xt_pknock_mtinfo2 *info,
				 unsigned int bits)
{
	const u32 flags = info->flags;

	if (flags & F(AUTOCLOSE) && info->ttl % 60)
		return "--autoclose is not in whole minutes";
	return check_number(flags & F(TIME), info->time, 1, U32_MAX, "--time is below 1") ?:
		       check_number(flags & (F(AUTOCLOSE) | F(TTL)), info->ttl, 0, U32_MAX, "a time to live without --ttl") ?:
		       check_number(flags & F(SKEW), info->skew, 0, XT_PKNOCK_SKEW_MAX, "--skew is not 0 to 5") ?:
		       check_number(flags & F(MASK), info->mask, 1, bits, "--mask is not 1 to the length of an address") ?:
		       check_number(flags & F(MAX_PEERS), info->max_peers, 1,
				    U32_MAX, "--max-peers is below 1");
}

static const char *check_port(const struct xt_pknock_port *port, u8 protocol)
{
	const u8 effective = pknock_port_protocol(port, protocol);

	if (!port->port || port->reserved)
		return "--knockports: a port is not 1 to 65535";
	if (effective != IPPROTO_TCP && effective != IPPROTO_UDP)
		return "--knockports needs -p tcp, -p udp, or tcp/ or udp/ before each port";
	if (protocol && effective != protocol)
		return "--knockports: a port is not of the rule's -p";
	return NULL;
}

static const char *check_unused_port(const struct xt_pknock_port *port)
{
	if (port->port || port->protocol || port->reserved)
		return "--knockports: more ports than it counts";
	return NULL;
}

static const char *check_ports(const struct xt_pknock_mtinfo2 *info,
			       u8 protocol)
{
	const char *complaint = NULL;
	unsigned int i;

	if (!(info->flags & F(KNOCKPORTS)))
		return info->port_count ? "ports without --knockports" : NULL;
	if (!info->port_count || info->port_count > XT_PKNOCK_PORTS_MAX)
		return "--knockports takes 1 to 15 ports";
	for (i = 0; i < info->port_count && !complaint; i++)
		complaint = check_port(&info->ports[i], protocol);
	for (; i < XT_PKNOCK_PORTS_MAX && !complaint; i++)
		complaint = check_unused_port(&info->ports[i]);
	return complaint;
}

static const char *check_secrets(const struct xt_pknock_mtinfo2 *info,
				 u8 protocol)
{
	if (!(info->flags & SECRETS)) {
		if (info->opensecret[0] || info->closesecret[0])
			return "a secret without its option";
		return NULL;
	}
	if (!is_secret(info->opensecret) || !is_secret(info->closesecret))
		return "--opensecret and --closesecret take 1 to 127 bytes";
	if (!strcmp(info->opensecret, info->closesecret))
		return "--opensecret and --closesecret are the same";
	if (info->port_count != 1 ||
	    pknock_port_protocol(&info->ports[0], protocol) != IPPROTO_UDP)
		return "--opensecret needs exactly one port in --knockports, and that UDP";
	return NULL;
}

const char *pknock_check(const struct xt_pknock_mtinfo2 *info,
			 unsigned int bits, u8 protocol)
{
	if (info->reserved)
		return "a reserved field is in use";
	return check_options(info->flags) ?:
		       (pknock_is_name(info->name) ? NULL : "--name is not 1 to 31 of [A-Za-z0-9_.-]") ?:
		       check_numbers(info, bits)   ?:
		       check_ports(info, protocol) ?:
		       check_secrets(info, protocol);
}
