// SPDX-License-Identifier: GPL-2.0-or-later
// What is going to be set up: a door before a TCP port, in a chain of its own.
#pragma once

#include "iptables.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace portknocko::setup {

struct Sequence {
    std::vector<std::uint16_t> ports; // TCP
};
struct Spa {
    std::uint16_t port; // UDP
};
using Method = std::variant<Sequence, Spa>;

struct Plan {
    std::string door;
    std::uint16_t port;
    Method method;
    std::chrono::seconds ttl;

    std::string chain() const { return "pknock-" + door; }
};

// iptables' names of chains have 28 characters at the most.
constexpr std::size_t max_door_size = 28 - 7;

// As the rules take them; the methods without secrets do not look at them.
struct SecretTexts {
    std::string open;
    std::string close;
};

// For iptables-restore --noflush: makes the chain, or makes it anew, and jumps to it first of all.
// `before` is the filter table as iptables-save printed it. Rules of the chain drop nothing but
// what is for the port and the knock ports, and they let established connections pass.
std::string rules_text(const Plan& plan, const SecretTexts& secrets, const std::string& before);

// What takes the table's chain and the jump from how they are now to how they were before; empty
// if there is nothing to do. All else in the table is left as it is now.
std::string undo_text(const std::string& chain, const std::string& before, const std::string& now);

} // namespace portknocko::setup
