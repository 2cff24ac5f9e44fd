// SPDX-License-Identifier: GPL-2.0-only
/* Since 5.17 the data of a /proc file is had from pde_data(). */
#include <linux/proc_fs.h>

void *probe(struct inode *inode);

void *probe(struct inode *inode)
{
#if PKNOCK_PROBE_FORMER
	return PDE_DATA(inode);
#else
	return pde_data(inode);
#endif
}
