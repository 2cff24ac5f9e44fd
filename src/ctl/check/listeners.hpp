// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portknocko::check {

// A port of this machine at which something waits for strangers.
struct Listener {
    std::string protocol; // "tcp", "udp"
    std::uint16_t port;

    bool operator==(const Listener&) const = default;
};

// Reads /proc/net/tcp or its likes: sockets that listen, or in UDP are not connected, and not on
// the loopback address alone. Lines that are not understood are passed over.
std::vector<Listener> parse_listeners(std::string_view table, const std::string& protocol);

// Those of this machine, each once.
std::vector<Listener> find_listeners();

} // namespace portknocko::check
