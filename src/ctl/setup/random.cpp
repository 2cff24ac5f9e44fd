// SPDX-License-Identifier: GPL-2.0-or-later
#include "random.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <sys/random.h>

namespace portknocko::setup {
namespace {

constexpr unsigned first_port = 1024;
constexpr unsigned port_count = 32768 - first_port;

Status fill(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
        if (count < 0 && errno != EINTR)
            return system_error(ExitCode::internal, "random numbers", errno);
        if (count > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return Done{};
}

} // namespace

Result<std::string> random_hex(std::size_t bytes) {
    std::vector<std::uint8_t> raw(bytes);
    if (const Status status = fill(raw); !status)
        return status.error();
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : raw) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

Result<std::vector<std::uint16_t>> random_ports(std::size_t count,
                                                const std::function<bool(std::uint16_t)>& taken) {
    std::vector<std::uint16_t> ports;
    while (ports.size() < count) {
        std::array<std::uint8_t, 2> raw{};
        if (const Status status = fill(raw); !status)
            return status.error();
        // Of 65536 values, twice the number of ports is the most that favours none.
        const unsigned value = raw[0] * 256U + raw[1];
        const auto port = static_cast<std::uint16_t>(first_port + value % port_count);
        if (value < 2 * port_count && !taken(port) &&
            std::find(ports.begin(), ports.end(), port) == ports.end())
            ports.push_back(port);
    }
    return ports;
}

} // namespace portknocko::setup
