// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "address.hpp"
#include "knock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace portknocko {

// What a token vouches for.
struct TokenClaims {
    Address source;
    std::uint32_t minute;
};

// Everything that goes on the wire, and when: a dry run shows it, a run sends it.
struct Plan {
    std::string command; // "seq", "open" or "close"
    std::string host;    // as it was given
    Address destination;
    Address local;
    std::optional<TokenClaims> token; // in "open" and "close"
    std::vector<Knock> knocks;
    std::chrono::milliseconds delay{0}; // between two knocks
};

} // namespace portknocko
