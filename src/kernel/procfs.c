// SPDX-License-Identifier: GPL-2.0-only
#include <linux/in.h>
#include <linux/math64.h>
#include <linux/netfilter.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>
#include "door.h"
#include "procfs.h"

#define DIRECTORY "xt_pknock"

/*
 * One walk through the open peers, then one through the half-open ones. The
 * walk is kept from read to read, so that a long table costs no more than once
 * through; it stays before a peer until that one is shown.
 */
struct door_walk {
	struct pknock_table_walk at;
	struct pknock_table_walk after; /* the peer that comes next */
	bool half_open;			/* second part */
};

static struct pknock_door *door_of(const struct seq_file *seq)
{
	return pde_data(file_inode(seq->file));
}

static void *peek(struct seq_file *seq) __must_hold(RCU)
{
	struct door_walk *walk = seq->private;
	struct pknock_door *door = door_of(seq);
	void *entry;

	if (!walk->half_open) {
		walk->after = walk->at;
		entry = pknock_table_next(&door->peers.hash, &walk->after);
		if (entry)
			return entry;
		walk->half_open = true;
		walk->at = (struct pknock_table_walk){};
	}
	walk->after = walk->at;
	return pknock_table_next(&door->half_open.hash, &walk->after);
}

static void *door_seq_start(struct seq_file *seq, loff_t *pos) __acquires(RCU)
{
	struct door_walk *walk = seq->private;

	rcu_read_lock();
	if (!*pos) /* the first read, or rewound */
		*walk = (struct door_walk){};
	return peek(seq);
}

static void *door_seq_next(struct seq_file *seq, void *entry, loff_t *pos)
{
	struct door_walk *walk = seq->private;

	++*pos;
	walk->at = walk->after;
	return peek(seq);
}

static void door_seq_stop(struct seq_file *seq, void *entry) __releases(RCU)
{
	rcu_read_unlock();
}

static void show_source(struct seq_file *seq,
			const struct pknock_source *source)
{
	const bool ipv6 = source->family == NFPROTO_IPV6;

	if (ipv6)
		seq_printf(seq, "src=%pI6c", source->address);
	else
		seq_printf(seq, "src=%pI4", source->address);
	if (source->prefix < (ipv6 ? 128 : 32))
		seq_printf(seq, "/%u", source->prefix);
}

static void show_peer(struct seq_file *seq, const struct pknock_source *source,
		      u8 protocol, const char *status, unsigned int knocks)
{
	show_source(seq, source);
	seq_printf(seq, " proto=%s status=%s accepted_knock_count=%u ",
		   protocol == IPPROTO_TCP ? "TCP" : "UDP", status, knocks);
}

/* Rounded up: what is alive has a second at least. */
static void show_seconds(struct seq_file *seq, const char *name, u64 left)
{
	seq_printf(seq, "%s=%llu [secs] ", name,
		   div_u64(left + NSEC_PER_SEC - 1, NSEC_PER_SEC));
}

static void show_open(struct seq_file *seq, const struct pknock_peer *peer)
{
	u64 expires = READ_ONCE(peer->expires);
	u64 now = pknock_now();

	if (now >= expires)
		return;
	show_peer(seq, &peer->source, READ_ONCE(peer->protocol), "ALLOWED",
		  READ_ONCE(peer->knocks));
	if (expires != PKNOCK_NEVER)
		show_seconds(seq, "autoclose_time", expires - now);
	seq_putc(seq, '\n');
}

static void show_half_open(struct seq_file *seq, struct pknock_door *door,
			   const struct pknock_half_peer *peer)
{
	struct pknock_progress progress;
	u64 now = pknock_now(), deadline;

	spin_lock_bh(&door->half_open.lock);
	progress = peer->progress;
	spin_unlock_bh(&door->half_open.lock);
	deadline = pknock_progress_deadline(&progress);

	/* A peer has one line: what it has begun elsewhere does not count. */
	if (now > deadline ||
	    pknock_peer_is_open(&door->peers, &peer->key.source))
		return;
	show_peer(seq, &peer->key.source, progress.protocol,
		  progress.accepted ? "MATCHING" : "INIT", progress.accepted);
	if (progress.accepted)
		show_seconds(seq, "expir_time", deadline - now);
	seq_putc(seq, '\n');
}

static int door_seq_show(struct seq_file *seq, void *entry)
{
	struct door_walk *walk = seq->private;

	if (walk->half_open)
		show_half_open(seq, door_of(seq), entry);
	else
		show_open(seq, entry);
	return 0;
}

static const struct seq_operations door_seq_ops = {
	.start = door_seq_start,
	.next = door_seq_next,
	.stop = door_seq_stop,
	.show = door_seq_show,
};

static int door_open(struct inode *inode, struct file *file)
{
	struct pknock_door *door = pde_data(inode);
	struct net *net = pknock_door_net(door);
	int err;

	/* A namespace does not go while somebody reads what is in it. */
	if (!maybe_get_net(net))
		return -ENXIO;
	err = pknock_door_add_reader(door);
	if (err)
		goto err_net;
	err = seq_open_private(file, &door_seq_ops, sizeof(struct door_walk));
	if (err)
		goto err_reader;
	return 0;

err_reader:
	pknock_door_drop_reader(door);
err_net:
	put_net(net);
	return err;
}

static int door_release(struct inode *inode, struct file *file)
{
	struct pknock_door *door = door_of(file->private_data);

	pknock_door_drop_reader(door);
	put_net(pknock_door_net(door));
	return seq_release_private(inode, file);
}

static const struct proc_ops door_proc_ops = {
	.proc_open = door_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = door_release,
};

struct proc_dir_entry *pknock_procfs_init(struct net *net)
{
	return proc_mkdir(DIRECTORY, net->proc_net);
}

void pknock_procfs_exit(struct net *net)
{
	remove_proc_entry(DIRECTORY, net->proc_net);
}

struct proc_dir_entry *pknock_procfs_add(struct proc_dir_entry *dir,
					 struct net *net,
					 struct pknock_door *door)
{
	struct proc_dir_entry *file =
		proc_create_data(door->name, 0400, dir, &door_proc_ops, door);
	kuid_t root = make_kuid(net->user_ns, 0);
	kgid_t group = make_kgid(net->user_ns, 0);

	/* Readable for the root of the namespace that the rules are in. */
	if (file && uid_valid(root) && gid_valid(group))
		proc_set_user(file, root, group);
	return file;
}

void pknock_procfs_remove(struct proc_dir_entry *file)
{
	proc_remove(file);
}
