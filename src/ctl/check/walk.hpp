// SPDX-License-Identifier: GPL-2.0-or-later
// What a packet meets on its way through the rules.
#pragma once

#include "ruleset.hpp"

#include <set>
#include <vector>

namespace portknocko::check {

enum class Truth { no, maybe, yes };

// A packet from anywhere on the network, or from this machine itself.
struct Probe {
    std::string protocol;
    std::optional<std::uint16_t> port; // none: any
    std::string state = "NEW";
    bool loopback = false;
    bool door_open = false; // its source has opened every door
};

// The chains from which jumps lead to a chain, itself included.
std::set<std::string> leading_to(const Table& table, const std::string& chain);

Truth holds(const Match& match, const Probe& probe);

enum class Verdict { accept, drop, unsure };

struct Journey {
    Verdict verdict = Verdict::unsure;
    const Rule* decider = nullptr; // the rule that surely decided; null: a policy did
};

// Which verdict a packet gets from the chains in which this hook's tables see it, one after the
// other: "INPUT" or "FORWARD", PREROUTING before it.
Journey travel(const Ruleset& ruleset, const std::string& hook, const Probe& probe);

// Whether a packet's knock comes to a rule's -m pknock, and if not, what keeps it away.
struct Arrival {
    enum class Obstacle {
        none,
        own_match, // a condition of the rule that stands before -m pknock
        decided,   // a rule before it accepts or drops the packet
        no_way,    // no jump into its chain lets the packet in, or there is none
    };
    Obstacle obstacle = Obstacle::no_way;
    const Rule* by = nullptr;
};

Arrival arrive(const Ruleset& ruleset, const Rule& destination, const Probe& probe);

} // namespace portknocko::check
