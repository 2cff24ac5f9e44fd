/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/net/xt_pknock/NAME: a door's peers, a line each (SPEC section 3). */
#ifndef PKNOCK_PROCFS_H
#define PKNOCK_PROCFS_H

struct net;
struct pknock_door;
struct proc_dir_entry;

struct proc_dir_entry *pknock_procfs_init(struct net *net);
void pknock_procfs_exit(struct net *net);

/* NULL without memory. */
struct proc_dir_entry *pknock_procfs_add(struct proc_dir_entry *dir,
					 struct net *net,
					 struct pknock_door *door);
/* Returns when nobody reads the file any more. */
void pknock_procfs_remove(struct proc_dir_entry *file);

#endif
