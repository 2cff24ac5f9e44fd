// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel says of a set of nftables. It is asked about this set only: libnftables reads all
// rules there are to list one, and that of nftables 0.9.8 crashes if they change meanwhile.
#pragma once

#include "result.hpp"
#include "set_name.hpp"

#include <libmnl/libmnl.h>
#include <string>

namespace portknocko {

// What decides which elements a set can take.
struct SetTraits {
    int family;           // of its addresses: AF_INET or AF_INET6
    bool intervals;       // takes prefixes
    bool timeouts;        // takes elements that end by themselves
    std::string identity; // another one when the set was deleted and made again
};

// Reads NFT_MSG_NEWTABLE and NFT_MSG_NEWSET as linux/netfilter/nf_tables.h has them, both whole.
Result<SetTraits> parse_set_traits(const SetName& name, const nlmsghdr& table, const nlmsghdr& set);

// In the network namespace of this process.
Result<SetTraits> inspect_set(const SetName& name);

} // namespace portknocko
