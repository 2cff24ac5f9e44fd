// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What match.c makes of packets, as a process: for each packet of standard
 * input a line of four digits, which tell whether it was a knock at tcp/2002,
 * one at udp/2001, the true token of its source, and whether it matches when
 * its source is in. A packet is three integers of 4 bytes, host order: 4 or 6,
 * its length, how much of it is in its head; and the packet from its IP header.
 *
 * usage: reader MINUTE SECRET
 */
#include "match.c"
#include <stdio.h>
#include <stdlib.h>

static u32 minute;
static bool acted, inside;

u32 pknock_minute(void) {
    return minute;
}

bool pknock_peer_is_open(struct pknock_peer_table* table, const struct pknock_source* source) {
    (void)table;
    (void)source;
    return inside;
}

int pknock_peer_open(struct pknock_peer_table* table, const struct pknock_source* source,
                     const struct pknock_grant* grant, struct pknock_opening* opening) {
    (void)table;
    (void)source;
    (void)grant;
    (void)opening;
    return 0;
}

bool pknock_peer_close(struct pknock_peer_table* table, const struct pknock_source* source) {
    (void)table;
    (void)source;
    return true;
}

void pknock_half_knock(struct pknock_half_table* table, const struct pknock_source* source,
                       const struct pknock_sequence* sequence, const struct pknock_knock* knock,
                       unsigned int max_peers, struct pknock_half_outcome* outcome) {
    (void)table;
    (void)source;
    (void)sequence;
    (void)knock;
    (void)max_peers;
    acted = true;
    outcome->completed = false;
    outcome->evicted = 0;
}

int pknock_tokens_accept(struct pknock_tokens* tokens, const u8 token[SHA256_DIGEST_SIZE],
                         u32 of_minute) {
    (void)tokens;
    (void)token;
    (void)of_minute;
    acted = true;
    return 0;
}

void pknock_door_stir(struct pknock_door* door) {
    (void)door;
}

void pknock_event_opened(struct pknock_door* door, const struct pknock_source* source,
                         const struct pknock_grant* grant, const struct pknock_opening* opening) {
    (void)door;
    (void)source;
    (void)grant;
    (void)opening;
}

void pknock_event_closed(struct pknock_door* door, const struct pknock_source* source) {
    (void)door;
    (void)source;
}

void pknock_event_evicted(struct pknock_door* door, const struct pknock_source* source) {
    (void)door;
    (void)source;
}

void pknock_event_refused(struct pknock_door* door, const struct pknock_source* source,
                          enum pknock_reason reason) {
    (void)door;
    (void)source;
    (void)reason;
}

struct pknock_rule* pknock_rule_new(const struct xt_mtchk_param* par) {
    (void)par;
    abort();
}

void pknock_rule_free(struct pknock_rule* rule) {
    (void)rule;
    abort();
}

static struct pknock_door door;
static struct pknock_rule rules[] = {
    {.knocks = true, .sequence = {.length = 1, .steps = {{2002, IPPROTO_TCP, 0}}}},
    {.knocks = true, .sequence = {.length = 1, .steps = {{2001, IPPROTO_UDP, 0}}}},
    {.knocks = true, .spa = true, .sequence = {.length = 1, .steps = {{2000, IPPROTO_UDP, 0}}}},
};
static struct pknock_rule check;

static void prepare(struct pknock_rule* rule, u8 family) {
    rule->door = &door;
    rule->family = family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
    rule->prefix = family == 6 ? 128 : 32;
    memset(rule->mask, 0xff, sizeof(rule->mask));
}

static bool matches(struct pknock_rule* rule, const struct sk_buff* skb, u8 family) {
    struct xt_pknock_mtinfo2 info = {.rule = (unsigned long)rule};
    struct xt_action_param par = {.matchinfo = &info};

    prepare(rule, family);
    acted = false;
    return pknock_mt(skb, &par);
}

/* Memory that ends where the bytes end, so that a sanitizer sees who reads on. */
static const u8* own(const u8* bytes, size_t size) {
    u8* copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    return size ? copy : (free(copy), NULL);
}

static void judge(u8 family, const u8* packet, u32 size, u32 head) {
    const struct sk_buff skb = {size, head, own(packet, head), own(packet + head, size - head)};

    inside = false;
    for (size_t number = 0; number < ARRAY_SIZE(rules); number++) {
        bool matched = matches(&rules[number], &skb, family);
        /* Nobody is in: what matched was taken for a packet of somebody who is. */
        putchar(matched ? 'm' : '0' + acted);
    }
    inside = true;
    printf("%d\n", matches(&check, &skb, family));
    free((void*)skb.head);
    free((void*)skb.rest);
}

int main(int count, char** words) {
    static u8 packet[1 << 16];
    u32 header[3];

    if (count != 3)
        return 2;
    minute = strtoul(words[1], NULL, 10);
    hmac_sha256_preparekey(&rules[2].open, (const u8*)words[2], strlen(words[2]));
    hmac_sha256_preparekey(&rules[2].close, (const u8*)"shut", 4);
    rules[2].skew = 1;
    while (fread(header, sizeof(header), 1, stdin) == 1) {
        if (header[1] > sizeof(packet) || header[2] > header[1])
            return 2;
        if (header[1] && fread(packet, header[1], 1, stdin) != 1)
            return 2;
        judge(header[0], packet, header[1], header[2]);
    }
    return 0;
}
