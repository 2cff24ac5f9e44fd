// SPDX-License-Identifier: GPL-2.0-or-later
// nft's commands that keep a set in step with a door. They are made of names and addresses that
// were parsed, and of numbers: of no text that came from elsewhere.
#pragma once

#include "result.hpp"
#include "set_name.hpp"
#include "set_traits.hpp"
#include "source.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace portknocko {

// A peer that a door is open for.
struct Member {
    Source source;
    std::optional<std::chrono::milliseconds> ttl;
};

// Whether a set can hold the member exactly as the door does.
Status check_fit(const SetTraits& traits, const Member& member);

// Puts the member in, with its time from now, be it there already or not.
std::string put_command(const SetName& set, const Member& member);

// Takes the member out, be it there or not.
std::string remove_command(const SetName& set, const Member& member);

std::string flush_command(const SetName& set);

// Members whose prefixes do not overlap, as sets take them: one within another is left out.
struct Disjoint {
    std::vector<Member> members;
    bool all; // none was left out
};

Disjoint make_disjoint(std::vector<Member> members);

// Make the set hold these members and no others, one after the other: the first one removes all
// that is in it, and each adds so many that the kernel can take them at once.
std::vector<std::string> replace_commands(const SetName& set, const std::vector<Member>& members);

} // namespace portknocko
