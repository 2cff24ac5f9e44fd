// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/xt_bench: times any match or target of x_tables. Each open file is a
 * session of its own; a write is one command:
 *
 *   match FAMILY PROTOCOL NAME REVISION [HEX]   what is measured: family 4 or 6,
 *   target FAMILY PROTOCOL NAME REVISION [HEX]  the rule's -p or 0, and the
 *                                               bytes that iptables made
 *   packet HEX                    one more packet, from its IP header on
 *   drop                          no packets any more
 *   sources FIRST COUNT STRIDE    the source's last 32 bits go from FIRST on
 *   run BATCHES CALLS             measure
 *   share CPUS MILLISECONDS       measure on several CPUs at once, a bit for
 *                                 each; a CPU's sources follow on those of the
 *                                 one before
 *
 * A read gives the last run's result: how many packets matched, then the
 * nanoseconds of each batch. Of a shared run, a line for each CPU: its number,
 * how many packets it showed, how many matched, nanoseconds. Root only; it is
 * no module for machines in use.
 */
#include <linux/kernel.h>
#if __has_include(<linux/hex.h>) /* else in kernel.h */
#include <linux/hex.h>
#endif
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "matches.h"
#include "session.h"

#define COMMAND_MAX 8192

static int next_number(char **words, u32 *number)
{
	const char *word = strsep(words, " ");

	return word ? kstrtou32(word, 0, number) : -EINVAL;
}

/* Turns hexadecimal digits into bytes, in place; nothing is no bytes. */
static int next_bytes(char **words, u8 **bytes, size_t *len)
{
	char *word = strsep(words, " ");

	*bytes = (u8 *)word;
	*len = word ? strlen(word) / 2 : 0;
	if (word && strlen(word) % 2)
		return -EINVAL;
	return *len ? hex2bin(*bytes, word, *len) : 0;
}

static int describe(struct bench_session *session, char *words, bool is_target)
{
	struct bench_rule rule = {.is_target = is_target};
	u32 family, protocol, revision;
	u8 *info;

	if (next_number(&words, &family) || next_number(&words, &protocol))
		return -EINVAL;
	rule.name = strsep(&words, " ");
	if (!rule.name || next_number(&words, &revision) ||
	    next_bytes(&words, &info, &rule.info_len))
		return -EINVAL;
	if ((family != 4 && family != 6) || protocol > U8_MAX ||
	    revision > U8_MAX)
		return -EINVAL;
	rule.family = family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	rule.protocol = protocol;
	rule.revision = revision;
	rule.info = info;
	return bench_session_describe(session, &rule);
}

static int add_packet(struct bench_session *session, char *words)
{
	u8 *bytes;
	size_t len;

	if (!bench_subject_ready(&session->subject) ||
	    next_bytes(&words, &bytes, &len))
		return -EINVAL;
	return bench_packets_add(&session->packets, bytes, len);
}

static int set_sources(struct bench_session *session, char *words)
{
	u32 first, count, stride;

	if (next_number(&words, &first) || next_number(&words, &count) ||
	    next_number(&words, &stride))
		return -EINVAL;
	return bench_packets_set_sources(&session->packets, first, count,
					 stride);
}

static int run(struct bench_session *session, char *words)
{
	u32 batches, calls;

	if (next_number(&words, &batches) || next_number(&words, &calls))
		return -EINVAL;
	return bench_session_run(session, batches, calls);
}

static int share(struct bench_session *session, char *words)
{
	u32 cpus, milliseconds;

	if (next_number(&words, &cpus) || next_number(&words, &milliseconds))
		return -EINVAL;
	return bench_session_share(session, cpus, milliseconds);
}

static int obey_locked(struct bench_session *session, char *words)
{
	const char *verb = strsep(&words, " ");

	lockdep_assert_held(&session->lock);
	if (!strcmp(verb, "match"))
		return describe(session, words, false);
	if (!strcmp(verb, "target"))
		return describe(session, words, true);
	if (!strcmp(verb, "packet"))
		return add_packet(session, words);
	if (!strcmp(verb, "sources"))
		return set_sources(session, words);
	if (!strcmp(verb, "run"))
		return run(session, words);
	if (!strcmp(verb, "share"))
		return share(session, words);
	if (strcmp(verb, "drop"))
		return -EINVAL;
	bench_packets_drop(&session->packets);
	return 0;
}

static ssize_t command_write(struct file *file, const char __user *from,
			     size_t len, loff_t *position)
{
	struct seq_file *seq = file->private_data;
	struct bench_session *session = seq->private;
	char *command;
	int err;

	if (len > COMMAND_MAX)
		return -E2BIG;
	command = memdup_user_nul(from, len);
	if (IS_ERR(command))
		return PTR_ERR(command);
	strim(command);
	mutex_lock(&session->lock);
	err = obey_locked(session, command);
	mutex_unlock(&session->lock);
	kfree(command);
	return err ?: len;
}

static void show_batches(struct seq_file *seq,
			 const struct bench_session *session)
{
	u32 batch;

	seq_printf(seq, "%llu", session->matched);
	for (batch = 0; batch < session->batches; batch++)
		seq_printf(seq, " %llu", session->times[batch]);
	seq_putc(seq, '\n');
}

static void show_shares(struct seq_file *seq,
			const struct bench_session *session)
{
	u32 at;

	for (at = 0; at < session->shared; at++) {
		const struct bench_share *share = &session->shares[at];

		seq_printf(seq, "%u %llu %llu %llu\n", share->cpu, share->calls,
			   share->matched, share->nanoseconds);
	}
}

static int result_show(struct seq_file *seq, void *unused)
{
	struct bench_session *session = seq->private;

	mutex_lock(&session->lock);
	if (session->shared)
		show_shares(seq, session);
	else
		show_batches(seq, session);
	mutex_unlock(&session->lock);
	return 0;
}

static int session_open(struct inode *inode, struct file *file)
{
	struct bench_session *session = bench_session_new();
	int err;

	if (!session)
		return -ENOMEM;
	err = single_open(file, result_show, session);
	if (err)
		bench_session_free(session);
	return err;
}

static int session_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	bench_session_free(seq->private);
	return single_release(inode, file);
}

static const struct proc_ops bench_ops = {
	.proc_open = session_open,
	.proc_read = seq_read,
	.proc_write = command_write,
	.proc_lseek = seq_lseek,
	.proc_release = session_release,
};

static int __init bench_init(void)
{
	int err = bench_matches_register();

	if (err)
		return err;
	if (!proc_create("xt_bench", 0600, NULL, &bench_ops)) {
		bench_matches_unregister();
		return -ENOMEM;
	}
	return 0;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("xt_bench", NULL);
	bench_matches_unregister();
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Times matches and targets of x_tables");
MODULE_AUTHOR("The PortKnocko authors");
MODULE_LICENSE("GPL");
