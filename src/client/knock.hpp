// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include <xt_pknock.h>

namespace portknocko {

enum class Protocol { tcp, udp };

const char* protocol_name(Protocol protocol);

// One packet: a SYN without data, or a datagram with `payload`.
struct Knock {
    Protocol protocol = Protocol::tcp;
    std::uint16_t port = 0;
    std::string payload;

    bool operator==(const Knock&) const = default;
};

inline constexpr std::size_t max_knocks = XT_PKNOCK_PORTS_MAX;

Result<std::uint16_t> parse_port(std::string_view text);

// Each word is PORT, tcp/PORT, udp/PORT or several of these with commas between them, as in the
// rule's --knockports. `default_protocol` goes with a port that names none.
Result<std::vector<Knock>> parse_knocks(const std::vector<std::string>& words,
                                        Protocol default_protocol);

} // namespace portknocko
