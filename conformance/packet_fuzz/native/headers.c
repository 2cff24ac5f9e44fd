// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the kernel finds headers in a packet, as it documents it: bytes beyond
 * the packet's head are copied, and of IPv6 the headers are stepped over.
 */
#define EXTENSION_MIN 8

const void* skb_header_pointer(const struct sk_buff* skb, int offset, int len, void* buffer) {
    const unsigned int start = offset, size = len;

    if (offset < 0 || start + size > skb->len)
        return NULL;
    if (start + size <= skb->head_len)
        return skb->head + start;
    for (unsigned int at = 0; at < size; at++) {
        const unsigned int place = start + at;
        ((u8*)buffer)[at] =
            place < skb->head_len ? skb->head[place] : skb->rest[place - skb->head_len];
    }
    return buffer;
}

static bool is_extension(int header) {
    return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING || header == NEXTHDR_FRAGMENT ||
           header == IPPROTO_AH || header == IPPROTO_DSTOPTS;
}

/* Of the header at an offset that is no fragment's. */
static unsigned int header_size(int header, const u8* bytes) {
    return header == IPPROTO_AH ? (bytes[1] + 2U) * 4 : (bytes[1] + 1U) * 8;
}

/* A fragment's offset and flag, as they are on the wire. */
static bool read_fragment(const struct sk_buff* skb, unsigned int at, unsigned int* place) {
    u8 buffer[EXTENSION_MIN];
    const u8* bytes = skb_header_pointer(skb, at, sizeof(buffer), buffer);

    if (!bytes)
        return false;
    *place = bytes[2] << 8 | bytes[3];
    return true;
}

int ipv6_find_hdr(const struct sk_buff* skb, unsigned int* offset, int target,
                  unsigned short* fragment, int* flags) {
    unsigned int at = sizeof(struct ipv6hdr), place;
    int header = ipv6_hdr(skb)->nexthdr;

    while (header != target && is_extension(header)) {
        u8 buffer[2];
        const u8* bytes = skb_header_pointer(skb, at, sizeof(buffer), buffer);

        if (!bytes)
            return -EBADMSG;
        if (header == NEXTHDR_FRAGMENT) {
            if (!read_fragment(skb, at, &place))
                return -EBADMSG;
            if (flags)
                *flags |= IP6_FH_F_FRAG;
            if (place >> 3) {
                if (fragment)
                    *fragment = place & ~7U;
                return target < 0 && !is_extension(bytes[0]) ? bytes[0] : -1;
            }
            at += EXTENSION_MIN;
        } else {
            at += header_size(header, bytes);
        }
        header = bytes[0];
    }
    if (target >= 0 && header != target)
        return -1;
    *offset = at;
    return header;
}
