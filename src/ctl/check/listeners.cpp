// SPDX-License-Identifier: GPL-2.0-or-later
#include "listeners.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace portknocko::check {
namespace {

// The kernel's states of sockets, as the tables show them.
constexpr std::string_view tcp_listen = "0A";
constexpr std::string_view udp_unconnected = "07";

// An address is words in host byte order, each as hexadecimal digits. Written in little-endian, as
// on most machines, and in big-endian.
bool is_loopback(std::string_view address) {
    constexpr std::string_view mapped_prefix = "0000000000000000FFFF0000";
    constexpr std::string_view mapped_prefix_big = "00000000000000000000FFFF";
    if (address == "00000000000000000000000001000000" ||
        address == "00000000000000000000000000000001")
        return true;
    if (address.starts_with(mapped_prefix) || address.starts_with(mapped_prefix_big))
        address.remove_prefix(mapped_prefix.size());
    return address.size() == 8 && (address.ends_with("7F") || address.starts_with("7F"));
}

} // namespace

std::vector<Listener> parse_listeners(std::string_view table, const std::string& protocol) {
    const std::string_view wanted = protocol == "tcp" ? tcp_listen : udp_unconnected;
    std::vector<Listener> found;
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string slot;
        std::string local;
        std::string remote;
        std::string state;
        if (!(fields >> slot >> local >> remote >> state) || state != wanted)
            continue;
        const std::size_t colon = local.find(':');
        std::uint16_t port = 0;
        if (colon == std::string::npos || is_loopback(std::string_view(local).substr(0, colon)))
            continue;
        const char* end = local.data() + local.size();
        const auto parsed = std::from_chars(local.data() + colon + 1, end, port, 16);
        if (parsed.ec == std::errc() && parsed.ptr == end)
            found.push_back({protocol, port});
    }
    return found;
}

std::vector<Listener> find_listeners() {
    std::vector<Listener> all;
    for (const std::string name : {"tcp", "tcp6", "udp", "udp6"}) {
        std::ifstream file("/proc/net/" + name);
        std::ostringstream text;
        text << file.rdbuf();
        for (const Listener& listener : parse_listeners(text.str(), name.substr(0, 3)))
            if (std::find(all.begin(), all.end(), listener) == all.end())
                all.push_back(listener);
    }
    return all;
}

} // namespace portknocko::check
