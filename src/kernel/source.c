// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/minmax.h>
#include "source.h"

/* The mask of the first @prefix bits, network byte order. */
void pknock_prefix_mask(__be32 mask[4], unsigned int prefix)
{
	unsigned int word;

	for (word = 0; word < 4; word++) {
		unsigned int bits = min(prefix, 32U);

		mask[word] = htonl(bits ? ~0U << (32 - bits) : 0);
		prefix -= bits;
	}
}
