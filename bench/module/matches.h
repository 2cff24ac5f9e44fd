/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_MATCHES_H
#define BENCH_MATCHES_H

#include <linux/types.h>

#define BENCH_KEY_SIZE 32

/**
 * struct bench_hmac_info - the layout of the match bench_hmac
 * @secret:	the key
 * @rounds:	how many HMACs a packet costs
 * @key:	the kernel's own
 */
struct bench_hmac_info {
	__u8 secret[BENCH_KEY_SIZE];
	__u32 rounds;
	__u32 reserved;
	__aligned_u64 key;
};

int bench_matches_register(void);
void bench_matches_unregister(void);

#endif
