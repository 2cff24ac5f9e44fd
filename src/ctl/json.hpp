// SPDX-License-Identifier: GPL-2.0-or-later
// What --json prints: an object in a line. pknockctl(8) documents the members.
#pragma once

#include "view.hpp"

#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

namespace portknocko::ctl {

std::string to_json(const Event& event);
std::string to_json(const DoorView& view);
std::string to_json(const std::vector<DoorView>& views);
std::string to_json(const std::vector<Door>& doors); // with their counters, without peers

// What a command has done.
struct Member {
    const char* name;
    std::variant<std::nullptr_t, std::uint64_t, std::string, std::vector<std::string>> value;
};
std::string to_json(std::initializer_list<Member> members);

} // namespace portknocko::ctl
