// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ruleset.hpp"

namespace portknocko::check {

// Which simple scan makes all knocks of a door, in words ("a scan of ports in rising order"); empty
// if none does. A scan goes through a range of ports in one direction, all of TCP, all of UDP, or
// one after the other, and may try a port more than once.
//
// Without --strict other ports between the knocks are ignored, so that a sequence that rises, or
// falls, is part of every such scan. With --strict any other port of the sequence's protocols
// starts it over, so that only ports next to each other are.
std::string scan_that_opens(const DoorMatch& door);

} // namespace portknocko::check
