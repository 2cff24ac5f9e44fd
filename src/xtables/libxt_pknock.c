// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libxt_pknock: iptables' and ip6tables' side of the pknock match
 *
 * Ranges, and what an option excludes or requires, stand in pknock_mt_opts and
 * are libxtables' work. An option's text is checked by the parse functions.
 * What depends on -p, which may be written after -m pknock, is checked when the
 * rule is complete.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "xt_pknock.h"

#define SECONDS_PER_MINUTE 60

#define refuse(...) xtables_error(PARAMETER_PROBLEM, "pknock: " __VA_ARGS__)

/* The rule's -p, valid until the rule is complete. */
struct pknock_udata {
	const __u16 *protocol; /* 0 = any */
	const __u8 *invflags;
};

static void pknock_mt_help(void)
{
	printf("pknock match options:\n"
	       "    --name name                  The door; rules of one name share it\n"
	       "  and one of\n"
	       "    --knockports port[,port...]  Sequence of 1 to 15 knocks that opens the door,\n"
	       "                                 each a port of the rule's -p, or tcp/port or\n"
	       "                                 udp/port; matches sources with an open door\n"
	       "    --checkip                    Match sources with an open door, see no knocks\n"
	       "  with --knockports:\n"
	       "    --time seconds               Most seconds between two knocks (default 60)\n"
	       "    --strict                     A wrong knock starts the sequence over\n"
	       "    --autoclose minutes          Close so long after opening (default 0 = never)\n"
	       "    --ttl seconds                The same in seconds\n"
	       "    --opensecret secret          Open for a datagram signed with this secret\n"
	       "    --closesecret secret         Close for a datagram signed with this secret\n"
	       "    --skew minutes               How wrong the sender's clock may be, 0 to 5\n"
	       "                                 (default 1)\n"
	       "    --max-peers number           Most half-open peers (default 65536)\n"
	       "  with either:\n"
	       "    --mask bits                  Sources are the same if so many leading bits of\n"
	       "                                 their addresses are (default all)\n"
	       "    --once                       The first packet matched closes the door\n");
}

#define s struct xt_pknock_mtinfo2
static const struct xt_option_entry pknock_mt_opts[] = {
	{.name = "name",
	 .id = XT_PKNOCK_OPT_NAME,
	 .type = XTTYPE_STRING,
	 .flags = XTOPT_MAND},
	{.name = "knockports",
	 .id = XT_PKNOCK_OPT_KNOCKPORTS,
	 .type = XTTYPE_STRING},
	{.name = "checkip",
	 .id = XT_PKNOCK_OPT_CHECKIP,
	 .type = XTTYPE_NONE,
	 .excl = XT_PKNOCK_F_ALL &
		 ~(XT_PKNOCK_F(NAME) | XT_PKNOCK_F(ONCE) | XT_PKNOCK_F(MASK))},
	{.name = "time",
	 .id = XT_PKNOCK_OPT_TIME,
	 .type = XTTYPE_UINT32,
	 .min = 1,
	 .flags = XTOPT_PUT,
	 XTOPT_POINTER(s, time)},
	{.name = "strict", .id = XT_PKNOCK_OPT_STRICT, .type = XTTYPE_NONE},
	{.name = "autoclose",
	 .id = XT_PKNOCK_OPT_AUTOCLOSE,
	 .type = XTTYPE_UINT32,
	 .max = UINT32_MAX / SECONDS_PER_MINUTE,
	 .excl = XT_PKNOCK_F(TTL)},
	{.name = "ttl",
	 .id = XT_PKNOCK_OPT_TTL,
	 .type = XTTYPE_UINT32,
	 .flags = XTOPT_PUT,
	 XTOPT_POINTER(s, ttl)},
	{.name = "opensecret",
	 .id = XT_PKNOCK_OPT_OPENSECRET,
	 .type = XTTYPE_STRING,
	 .also = XT_PKNOCK_F(CLOSESECRET)},
	{.name = "closesecret",
	 .id = XT_PKNOCK_OPT_CLOSESECRET,
	 .type = XTTYPE_STRING,
	 .also = XT_PKNOCK_F(OPENSECRET)},
	{.name = "skew",
	 .id = XT_PKNOCK_OPT_SKEW,
	 .type = XTTYPE_UINT8,
	 .max = XT_PKNOCK_SKEW_MAX,
	 .also = XT_PKNOCK_F(OPENSECRET),
	 .flags = XTOPT_PUT,
	 XTOPT_POINTER(s, skew)},
	{.name = "mask",
	 .id = XT_PKNOCK_OPT_MASK,
	 .type = XTTYPE_UINT8,
	 .min = 1,
	 .max = 128,
	 .flags = XTOPT_PUT,
	 XTOPT_POINTER(s, mask)},
	{.name = "once", .id = XT_PKNOCK_OPT_ONCE, .type = XTTYPE_NONE},
	{.name = "max-peers",
	 .id = XT_PKNOCK_OPT_MAX_PEERS,
	 .type = XTTYPE_UINT32,
	 .min = 1,
	 .flags = XTOPT_PUT,
	 XTOPT_POINTER(s, max_peers)},
	XTOPT_TABLEEND,
};
#undef s

/* A name is also a file's name, under /proc/net/xt_pknock. */
static void parse_name(char *name, const char *arg)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_.-";
	size_t length = strlen(arg);

	if (length < 1 || length >= XT_PKNOCK_NAME_SIZE ||
	    strspn(arg, allowed) != length || !strcmp(arg, ".") ||
	    !strcmp(arg, ".."))
		refuse("--name must be 1 to %u of A-Z, a-z, 0-9, \"_\", \".\" and \"-\", and neither \".\" nor \"..\"",
		       XT_PKNOCK_NAME_SIZE - 1);
	memcpy(name, arg, length);
}

/* A control character could not be restored from a saved ruleset. */
static void parse_secret(char *secret, const struct xt_option_call *cb)
{
	size_t length = strlen(cb->arg);

	if (length < 1 || length >= XT_PKNOCK_SECRET_SIZE)
		refuse("--%s must have 1 to %u bytes", cb->entry->name,
		       XT_PKNOCK_SECRET_SIZE - 1);
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)cb->arg[i]))
			refuse("--%s must not contain control characters",
			       cb->entry->name);
	memcpy(secret, cb->arg, length);
}

static const char *protocol_name(__u8 protocol)
{
	return protocol == IPPROTO_TCP ? "tcp" : "udp";
}

static __u8 parse_protocol(const char *name)
{
	if (!strcmp(name, "tcp"))
		return IPPROTO_TCP;
	if (!strcmp(name, "udp"))
		return IPPROTO_UDP;
	refuse("--knockports knows tcp/ and udp/, not \"%s/\"", name);
}

/* Service names are read too: rules for xtables-addons may have them. */
static __u16 parse_port(const char *text, const char *protocol)
{
	unsigned int number;
	int service;

	if (xtables_strtoui(text, NULL, &number, 1, UINT16_MAX))
		return number;
	service = xtables_service_to_port(text, protocol);
	if (service < 1)
		refuse("--knockports: \"%s\" is neither a port (1 to 65535) nor a service",
		       text);
	return service;
}

static void parse_knock(struct xt_pknock_port *knock, char *text)
{
	char *slash = strchr(text, '/');

	if (!slash) {
		knock->port = parse_port(text, NULL);
		return;
	}
	*slash = '\0';
	knock->protocol = parse_protocol(text);
	knock->port = parse_port(slash + 1, text);
}

static void parse_knockports(struct xt_pknock_mtinfo2 *info, const char *arg)
{
	char *list = strdup(arg), *rest = list, *entry;

	if (!list)
		xtables_error(RESOURCE_PROBLEM,
			      "pknock: --knockports: out of memory");
	while ((entry = strsep(&rest, ","))) {
		if (info->port_count == XT_PKNOCK_PORTS_MAX)
			refuse("--knockports takes at most %u ports",
			       XT_PKNOCK_PORTS_MAX);
		parse_knock(&info->ports[info->port_count++], entry);
	}
	free(list);
}

static void parse_option(struct xt_option_call *cb, __u8 address_bits)
{
	struct xt_pknock_mtinfo2 *info = cb->data;

	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case XT_PKNOCK_OPT_NAME:
		parse_name(info->name, cb->arg);
		break;
	case XT_PKNOCK_OPT_KNOCKPORTS:
		parse_knockports(info, cb->arg);
		break;
	case XT_PKNOCK_OPT_AUTOCLOSE:
		info->ttl = cb->val.u32 * SECONDS_PER_MINUTE;
		break;
	case XT_PKNOCK_OPT_OPENSECRET:
		parse_secret(info->opensecret, cb);
		break;
	case XT_PKNOCK_OPT_CLOSESECRET:
		parse_secret(info->closesecret, cb);
		break;
	case XT_PKNOCK_OPT_MASK:
		if (info->mask > address_bits)
			refuse("--mask must be 1 to %u", address_bits);
		break;
	}
}

static void pknock_mt4_parse(struct xt_option_call *cb)
{
	const struct ipt_entry *entry = cb->xt_entry;
	struct pknock_udata *udata = cb->udata;

	udata->protocol = &entry->ip.proto;
	udata->invflags = &entry->ip.invflags;
	parse_option(cb, 32);
}

static void pknock_mt6_parse(struct xt_option_call *cb)
{
	const struct ip6t_entry *entry = cb->xt_entry;
	struct pknock_udata *udata = cb->udata;

	udata->protocol = &entry->ipv6.proto;
	udata->invflags = &entry->ipv6.invflags;
	parse_option(cb, 128);
}

/* The protocol of a knock that the rule's -p lets through. */
static __u16 check_protocol(const struct xt_pknock_port *knock,
			    const struct pknock_udata *udata)
{
	const __u16 protocol = *udata->protocol;
	const bool inverted = *udata->invflags & XT_INV_PROTO;

	if (!knock->protocol) {
		if (inverted ||
		    (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP))
			refuse("--knockports %u needs -p tcp or -p udp, or a protocol of its own as in tcp/%u",
			       knock->port, knock->port);
		return protocol;
	}
	if (protocol && (protocol == knock->protocol) == inverted)
		refuse("--knockports %s/%u contradicts the rule's -p",
		       protocol_name(knock->protocol), knock->port);
	return knock->protocol;
}

static void check_secrets(const struct xt_pknock_mtinfo2 *info,
			  __u16 last_protocol)
{
	if (info->port_count != 1 || last_protocol != IPPROTO_UDP)
		refuse("--opensecret and --closesecret need exactly one port in --knockports, of UDP");
	if (!strcmp(info->opensecret, info->closesecret))
		refuse("--opensecret and --closesecret must differ");
}

static void pknock_mt_check(struct xt_fcheck_call *cb)
{
	struct xt_pknock_mtinfo2 *info = cb->data;
	__u16 protocol = 0;

	info->flags = cb->xflags;
	if (cb->xflags & XT_PKNOCK_F(CHECKIP))
		return; /* what it excludes is in the table */
	if (!(cb->xflags & XT_PKNOCK_F(KNOCKPORTS)))
		refuse("--knockports or --checkip must be specified");
	for (unsigned int i = 0; i < info->port_count; i++)
		protocol = check_protocol(&info->ports[i], cb->udata);
	if (cb->xflags & (XT_PKNOCK_F(OPENSECRET) | XT_PKNOCK_F(CLOSESECRET)))
		check_secrets(info, protocol);
}

static void print_knockports(const struct xt_pknock_mtinfo2 *info)
{
	for (unsigned int i = 0; i < info->port_count; i++) {
		const struct xt_pknock_port *knock = &info->ports[i];

		putchar(i ? ',' : ' ');
		if (knock->protocol)
			printf("%s/", protocol_name(knock->protocol));
		printf("%u", knock->port);
	}
}

/* @dashes: "--" where the options are to be read back, "" for people. */
static void print_options(const struct xt_pknock_mtinfo2 *info,
			  const char *dashes)
{
	if (info->flags & XT_PKNOCK_F(KNOCKPORTS)) {
		printf(" %sknockports", dashes);
		print_knockports(info);
	}
	if (info->flags & XT_PKNOCK_F(CHECKIP))
		printf(" %scheckip", dashes);
	printf(" %sname %s", dashes, info->name);
	if (info->flags & XT_PKNOCK_F(TIME))
		printf(" %stime %u", dashes, info->time);
	if (info->flags & XT_PKNOCK_F(STRICT))
		printf(" %sstrict", dashes);
	if (info->flags & XT_PKNOCK_F(AUTOCLOSE))
		printf(" %sautoclose %u", dashes,
		       info->ttl / SECONDS_PER_MINUTE);
	if (info->flags & XT_PKNOCK_F(TTL))
		printf(" %sttl %u", dashes, info->ttl);
	if (info->flags & XT_PKNOCK_F(SKEW))
		printf(" %sskew %u", dashes, info->skew);
	if (info->flags & XT_PKNOCK_F(MASK))
		printf(" %smask %u", dashes, info->mask);
	if (info->flags & XT_PKNOCK_F(ONCE))
		printf(" %sonce", dashes);
	if (info->flags & XT_PKNOCK_F(MAX_PEERS))
		printf(" %smax-peers %u", dashes, info->max_peers);
}

/* iptables -L: tells that there are secrets, not what they are. */
static void pknock_mt_print(const void *ip __attribute__((unused)),
			    const struct xt_entry_match *match,
			    int numeric __attribute__((unused)))
{
	const struct xt_pknock_mtinfo2 *info = (const void *)match->data;

	printf(" pknock:");
	print_options(info, "");
	if (info->flags & XT_PKNOCK_F(OPENSECRET))
		printf(" opensecret (hidden) closesecret (hidden)");
}

static void pknock_mt_save(const void *ip __attribute__((unused)),
			   const struct xt_entry_match *match)
{
	const struct xt_pknock_mtinfo2 *info = (const void *)match->data;

	print_options(info, "--");
	if (info->flags & XT_PKNOCK_F(OPENSECRET)) {
		printf(" --opensecret");
		xtables_save_string(info->opensecret);
		printf(" --closesecret");
		xtables_save_string(info->closesecret);
	}
}

/* clang-format off */
#define PKNOCK_MATCH(nfproto, parse)					\
	{								\
		.version = XTABLES_VERSION,				\
		.name = "pknock",					\
		.revision = XT_PKNOCK_REVISION,				\
		.family = (nfproto),					\
		.size = XT_ALIGN(sizeof(struct xt_pknock_mtinfo2)),	\
		.userspacesize = offsetof(struct xt_pknock_mtinfo2, rule), \
		.udata_size = sizeof(struct pknock_udata),		\
		.help = pknock_mt_help,					\
		.x6_options = pknock_mt_opts,				\
		.x6_parse = (parse),					\
		.x6_fcheck = pknock_mt_check,				\
		.print = pknock_mt_print,				\
		.save = pknock_mt_save,					\
	}
/* clang-format on */

static struct xtables_match pknock_mt_reg[] = {
	PKNOCK_MATCH(NFPROTO_IPV4, pknock_mt4_parse),
	PKNOCK_MATCH(NFPROTO_IPV6, pknock_mt6_parse),
};

static __attribute__((constructor)) void pknock_mt_register(void)
{
	xtables_register_matches(pknock_mt_reg, 2);
}
