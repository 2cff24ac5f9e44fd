// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parse_rule: what iptables does with one pknock rule, without a kernel
 *
 *   parse_rule {-4|-6} {save|list|bytes} [! -p protocol] -m pknock ...
 *
 * Loads the plugin from XTABLES_LIBDIR through libxtables, gives it the options
 * and prints what it makes of them: the options as iptables-save prints them,
 * as iptables -L does, or what the kernel would get, in hexadecimal. A refused
 * rule ends as iptables ends it: a sentence on stderr, status 2.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

static struct option base_options[] = {
	{.name = "protocol", .has_arg = required_argument, .val = 'p'},
	{.name = "match", .has_arg = required_argument, .val = 'm'},
	{.name = NULL},
};

struct rule {
	uint8_t family;
	struct xtables_match *match;
	union {
		struct ipt_entry v4;
		struct ip6t_entry v6;
	} entry;
};

static void __attribute__((noreturn, format(printf, 2, 3)))
fail(enum xtables_exittype status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static int any_revision(const char *name __attribute__((unused)),
			uint8_t revision __attribute__((unused)),
			int option __attribute__((unused)))
{
	return 1;
}

static struct xtables_globals globals = {
	.program_name = "parse_rule",
	.program_version = XTABLES_VERSION,
	.orig_opts = base_options,
	.exit_err = fail,
	.compat_rev = any_revision,
};

static void set_protocol(struct rule *rule, const char *name, bool inverted)
{
	uint16_t protocol = xtables_parse_protocol(name);
	uint8_t invflags = inverted ? XT_INV_PROTO : 0;

	if (rule->family == NFPROTO_IPV4) {
		rule->entry.v4.ip.proto = protocol;
		rule->entry.v4.ip.invflags = invflags;
	} else {
		rule->entry.v6.ipv6.proto = protocol;
		rule->entry.v6.ipv6.invflags = invflags;
	}
}

static void add_match(struct rule *rule, const char *name)
{
	struct xtables_match *match =
		xtables_find_match(name, XTF_LOAD_MUST_SUCCEED, NULL);
	size_t size = XT_ALIGN(sizeof(struct xt_entry_match)) + match->size;

	match->m = xtables_calloc(1, size);
	match->m->u.match_size = size;
	match->udata = xtables_calloc(1, match->udata_size);
	globals.opts =
		xtables_options_xfrm(globals.orig_opts, globals.opts,
				     match->x6_options, &match->option_offset);
	rule->match = match;
}

/* libxtables frees globals.opts when a match adds to them: they begin as none. */
static int next_option(int argc, char **argv)
{
	const struct option *options =
		globals.opts ? globals.opts : globals.orig_opts;

	return getopt_long(argc, argv, "-p:m:", options, NULL);
}

/* getopt, in the order of the words, with "!" before what it inverts. */
static void parse(struct rule *rule, int argc, char **argv)
{
	bool inverted = false;
	int c;

	while ((c = next_option(argc, argv)) >= 0) {
		switch (c) {
		case 1:
			if (strcmp(optarg, "!"))
				fail(PARAMETER_PROBLEM, "bad argument \"%s\"",
				     optarg);
			inverted = true;
			continue;
		case '?':
			exit(PARAMETER_PROBLEM);
		case 'p':
			set_protocol(rule, optarg, inverted);
			break;
		case 'm':
			add_match(rule, optarg);
			break;
		default:
			xtables_option_mpcall(c, argv, inverted, rule->match,
					      &rule->entry);
		}
		inverted = false;
	}
	if (!rule->match)
		fail(PARAMETER_PROBLEM, "no -m pknock");
	xtables_option_mfcall(rule->match);
}

static void print_bytes(const struct xtables_match *match)
{
	for (size_t i = 0; i < match->size; i++)
		printf("%02x", match->m->data[i]);
}

static void print(const struct rule *rule, const char *how)
{
	const struct xtables_match *match = rule->match;

	if (!strcmp(how, "save"))
		match->save(&rule->entry, match->m);
	else if (!strcmp(how, "list"))
		match->print(&rule->entry, match->m, 0);
	else
		print_bytes(match);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct rule rule = {.family = NFPROTO_IPV4};

	if (argc < 3)
		fail(PARAMETER_PROBLEM,
		     "usage: parse_rule {-4|-6} {save|list|bytes} rule...");
	if (!strcmp(argv[1], "-6"))
		rule.family = NFPROTO_IPV6;
	xtables_init_all(&globals, rule.family);
	parse(&rule, argc - 2, argv + 2);
	print(&rule, argv[2]);
	free(rule.match->udata);
	free(rule.match->m);
	return 0;
}
