// SPDX-License-Identifier: GPL-2.0-or-later
#include "sequence.hpp"

#include <doctest/doctest.h>

using namespace portknocko::check;

namespace {

// What the module does with a scan: a knock that is not the next one is ignored, or with strict
// starts the sequence over. Written from the manual, not from scan_that_opens().
bool scan_opens(const DoorMatch& door, const std::vector<KnockPort>& scan) {
    std::size_t accepted = 0;
    for (const KnockPort& port : scan) {
        if (accepted == door.knocks.size())
            return true;
        if (port == door.knocks[accepted])
            ++accepted;
        else if (door.strict && accepted > 0)
            accepted = 0;
    }
    return accepted == door.knocks.size();
}

// All ports of one protocol after those of the other, each port tried so many times.
std::vector<KnockPort> make_scan(const std::vector<std::string>& protocols, bool up, int times) {
    std::vector<KnockPort> scan;
    for (const std::string& protocol : protocols)
        for (int i = 0; i < 20; ++i)
            for (int time = 0; time < times; ++time)
                scan.push_back({protocol, static_cast<std::uint16_t>(up ? 1 + i : 20 - i)});
    return scan;
}

bool any_scan_opens(const DoorMatch& door) {
    // Of equal ports in a row the module needs as many tries, of ports side by side just one.
    for (const auto& protocols : {std::vector<std::string>{"tcp", "udp"}, {"udp", "tcp"}, {"tcp"}})
        for (const bool up : {true, false})
            for (const int times : {1, 3})
                if (scan_opens(door, make_scan(protocols, up, times)))
                    return true;
    return false;
}

DoorMatch door_of(std::vector<KnockPort> knocks, bool strict) {
    DoorMatch door;
    door.knocks = std::move(knocks);
    door.strict = strict;
    return door;
}

} // namespace

TEST_CASE("what a scan does decides") {
    const std::vector<std::vector<KnockPort>> sequences = {
        {{"tcp", 5}},
        {{"tcp", 5}, {"tcp", 9}},
        {{"tcp", 9}, {"tcp", 5}},
        {{"tcp", 5}, {"tcp", 6}, {"tcp", 7}},
        {{"tcp", 7}, {"tcp", 6}, {"tcp", 5}},
        {{"tcp", 5}, {"tcp", 6}, {"tcp", 8}},
        {{"tcp", 5}, {"tcp", 9}, {"tcp", 7}},
        {{"tcp", 5}, {"tcp", 5}, {"tcp", 5}},
        {{"tcp", 5}, {"udp", 3}},
        {{"udp", 5}, {"udp", 9}, {"tcp", 2}, {"tcp", 3}},
        {{"tcp", 5}, {"udp", 6}, {"tcp", 7}},
    };
    for (const auto& sequence : sequences)
        for (const bool strict : {false, true}) {
            const DoorMatch door = door_of(sequence, strict);
            CAPTURE(sequence.size());
            CAPTURE(sequence.front().port);
            CAPTURE(sequence.back().port);
            CAPTURE(strict);
            CHECK(scan_that_opens(door).empty() != any_scan_opens(door));
        }
}

TEST_CASE("the scan is named") {
    CHECK(scan_that_opens(door_of({{"tcp", 5}}, true)) == "any scan that has its one port");
    CHECK(scan_that_opens(door_of({{"tcp", 5}, {"tcp", 9}}, false)) ==
          "a scan of ports in rising order");
    CHECK(scan_that_opens(door_of({{"tcp", 9}, {"tcp", 5}}, false)) ==
          "a scan of ports in falling order");
    CHECK(scan_that_opens(door_of({}, false)).empty());
}
