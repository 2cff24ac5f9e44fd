/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What match.c takes from the kernel, as far as reading packets needs it; a
 * door is a name that nothing is behind. Included before all else.
 */
#ifndef PKNOCK_NATIVE_KERNEL_H
#define PKNOCK_NATIVE_KERNEL_H

#include <limits.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/string.h>
#include <linux/types.h>

#define ntohs(value) __builtin_bswap16(value)
#define htons(value) __builtin_bswap16(value)
#define ntohl(value) __builtin_bswap32(value)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= -4095UL)
#define PTR_ERR(pointer) ((long)(pointer))
#define THIS_MODULE NULL
#define EBADMSG 74
#define EEXIST 17
#define __force
#define __init
#define __read_mostly
#define __uninitialized

#define IP_MF 0x2000
#define IP_OFFSET 0x1fff
#define IP6_MF 1
#define IP6_FH_F_FRAG 1
#define NEXTHDR_FRAGMENT 44

struct frag_hdr {
    u8 nexthdr;
    u8 reserved;
    __be16 frag_off;
    __be32 identification;
};

typedef struct {
    u64 key[2];
} hsiphash_key_t;

/* In its head there are the first bytes only; what is behind is elsewhere. */
struct sk_buff {
    unsigned int len;
    unsigned int head_len;
    const u8* head;
    const u8* rest;
};

struct xt_action_param {
    const void* matchinfo;
};
struct xt_mtchk_param {
    void* matchinfo;
};
struct xt_mtdtor_param {
    void* matchinfo;
};
struct xt_match {
    const char* name;
    u8 revision;
    u8 family;
    bool (*match)(const struct sk_buff* skb, struct xt_action_param* par);
    int (*checkentry)(const struct xt_mtchk_param* par);
    void (*destroy)(const struct xt_mtdtor_param* par);
    unsigned int matchsize;
    unsigned int usersize;
    void* me;
};

const void* skb_header_pointer(const struct sk_buff* skb, int offset, int len, void* buffer);
int ipv6_find_hdr(const struct sk_buff* skb, unsigned int* offset, int target,
                  unsigned short* fragment, int* flags);
u32 hsiphash_1u32(u32 first, const hsiphash_key_t* key);
u32 hsiphash_4u32(u32 first, u32 second, u32 third, u32 fourth, const hsiphash_key_t* key);

static inline const struct iphdr* ip_hdr(const struct sk_buff* skb) {
    return (const struct iphdr*)skb->head;
}

static inline const struct ipv6hdr* ipv6_hdr(const struct sk_buff* skb) {
    return (const struct ipv6hdr*)skb->head;
}

static inline int skb_network_offset(const struct sk_buff* skb) {
    (void)skb;
    return 0;
}

static inline int xt_register_matches(struct xt_match* matches, unsigned int count) {
    (void)matches;
    (void)count;
    return 0;
}

static inline void xt_unregister_matches(struct xt_match* matches, unsigned int count) {
    (void)matches;
    (void)count;
}

#endif
