// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "address.hpp"
#include "result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace portknocko {

struct Route {
    Address destination;
    Address local; // what the packets leave this machine with
};

// Resolves `host` and takes the first of its addresses that there is a route to; no packet is sent
// but for the name's resolution. `family` may be AF_UNSPEC. A `source` that is this machine's own
// is also the local address; one that is not (NAT) only says which family counts. `port` is what
// the route is looked up for, as policy routing may look at it.
Result<Route> find_route(const std::string& host, int family, std::uint16_t port,
                         const std::optional<Address>& source);

} // namespace portknocko
