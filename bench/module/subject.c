// SPDX-License-Identifier: GPL-2.0-only
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include "subject.h"

static u16 set_protocol(struct bench_subject *subject, u8 protocol)
{
	if (subject->family == NFPROTO_IPV6) {
		subject->entry.ip6.proto = protocol;
		subject->entry.ip6.flags = protocol ? IP6T_F_PROTO : 0;
	} else {
		subject->entry.ip.proto = protocol;
	}
	return protocol;
}

/* What the kernel keeps behind what userspace knows is zero at first. */
static void *make_info(const struct bench_rule *rule, unsigned int size,
		       unsigned int usersize)
{
	void *info;

	if (rule->info_len > XT_ALIGN(size))
		return ERR_PTR(-EINVAL);
	info = kzalloc(XT_ALIGN(size), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);
	memcpy(info, rule->info,
	       min_t(size_t, rule->info_len, usersize ?: size));
	return info;
}

static int init_match(struct bench_subject *subject,
		      const struct bench_rule *rule)
{
	struct xt_match *match =
		xt_request_find_match(rule->family, rule->name, rule->revision);
	struct xt_mtchk_param check = {
		.net = subject->net,
		.table = "filter",
		.entryinfo = &subject->entry,
		.hook_mask = 1 << NF_INET_LOCAL_IN,
		.family = rule->family,
	};
	int err;

	if (IS_ERR(match))
		return PTR_ERR(match);
	subject->info = make_info(rule, match->matchsize, match->usersize);
	if (IS_ERR(subject->info)) {
		err = PTR_ERR(subject->info);
		goto err_match;
	}
	check.match = match;
	check.matchinfo = subject->info;
	err = xt_check_match(&check, XT_ALIGN(match->matchsize),
			     set_protocol(subject, rule->protocol), false);
	if (err)
		goto err_info;
	subject->match = match;
	return 0;

err_info:
	kfree(subject->info);
err_match:
	module_put(match->me);
	return err;
}

static int init_target(struct bench_subject *subject,
		       const struct bench_rule *rule)
{
	struct xt_target *target = xt_request_find_target(
		rule->family, rule->name, rule->revision);
	struct xt_tgchk_param check = {
		.net = subject->net,
		.table = "filter",
		.entryinfo = &subject->entry,
		.hook_mask = 1 << NF_INET_LOCAL_IN,
		.family = rule->family,
	};
	int err;

	if (IS_ERR(target))
		return PTR_ERR(target);
	subject->info = make_info(rule, target->targetsize, target->usersize);
	if (IS_ERR(subject->info)) {
		err = PTR_ERR(subject->info);
		goto err_target;
	}
	check.target = target;
	check.targinfo = subject->info;
	err = xt_check_target(&check, XT_ALIGN(target->targetsize),
			      set_protocol(subject, rule->protocol), false);
	if (err)
		goto err_info;
	subject->target = target;
	return 0;

err_info:
	kfree(subject->info);
err_target:
	module_put(target->me);
	return err;
}

/**
 * bench_subject_init - find a match or target and check its rule
 * @subject:	zeroed
 * @rule:	what it is to be
 *
 * Context: process; the module that has it may be loaded.
 * Return: 0, or an error with nothing held.
 */
int bench_subject_init(struct bench_subject *subject,
		       const struct bench_rule *rule)
{
	int err;

	subject->net = get_net(current->nsproxy->net_ns);
	subject->family = rule->family;
	subject->is_target = rule->is_target;
	err = rule->is_target ? init_target(subject, rule) :
				init_match(subject, rule);
	if (err) {
		put_net(subject->net);
		memset(subject, 0, sizeof(*subject));
	}
	return err;
}

static void release_match(struct bench_subject *subject)
{
	const struct xt_mtdtor_param destroy = {
		.net = subject->net,
		.match = subject->match,
		.matchinfo = subject->info,
		.family = subject->family,
	};

	if (subject->match->destroy)
		subject->match->destroy(&destroy);
	module_put(subject->match->me);
}

static void release_target(struct bench_subject *subject)
{
	const struct xt_tgdtor_param destroy = {
		.net = subject->net,
		.target = subject->target,
		.targinfo = subject->info,
		.family = subject->family,
	};

	if (subject->target->destroy)
		subject->target->destroy(&destroy);
	module_put(subject->target->me);
}

/* Context: process. */
void bench_subject_release(struct bench_subject *subject)
{
	if (!bench_subject_ready(subject))
		return;
	if (subject->is_target)
		release_target(subject);
	else
		release_match(subject);
	kfree(subject->info);
	put_net(subject->net);
	memset(subject, 0, sizeof(*subject));
}
