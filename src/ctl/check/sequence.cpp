// SPDX-License-Identifier: GPL-2.0-or-later
#include "sequence.hpp"

#include <algorithm>
#include <set>

namespace portknocko::check {
namespace {

bool is_next(std::uint16_t from, std::uint16_t to, int direction, bool strict) {
    const int step = (int{to} - int{from}) * direction;
    return strict ? step == 0 || step == 1 : step >= 0;
}

// Whether one pass over the ports in a direction (1 up, -1 down) makes all knocks. Where the
// protocol changes, a second pass may begin, over the other protocol; --strict takes it amiss what
// the first pass still goes through and the second one begins with.
bool pass_opens(const std::vector<KnockPort>& knocks, bool strict, int direction) {
    std::set<std::string> passed;
    for (std::size_t i = 1; i < knocks.size(); ++i) {
        if (knocks[i].protocol != knocks[i - 1].protocol) {
            passed.insert(knocks[i - 1].protocol);
            if (strict || passed.contains(knocks[i].protocol))
                return false;
        } else if (!is_next(knocks[i - 1].port, knocks[i].port, direction, strict)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::string scan_that_opens(const DoorMatch& door) {
    if (door.knocks.empty())
        return "";
    if (door.knocks.size() == 1)
        return "any scan that has its one port";
    if (pass_opens(door.knocks, door.strict, 1))
        return "a scan of ports in rising order";
    if (pass_opens(door.knocks, door.strict, -1))
        return "a scan of ports in falling order";
    return "";
}

} // namespace portknocko::check
