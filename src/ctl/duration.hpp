// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <chrono>
#include <string>

namespace portknocko::ctl {

// "90", "90s", "15m", "8h" or "7d": from a second to what a rule's --ttl can say.
Result<std::chrono::milliseconds> parse_duration(const std::string& text);

// The two largest units: "29s", "1h 5m", "3d 0h". What is begun counts, so that nothing that is
// alive has "0s".
std::string duration_text(std::chrono::milliseconds duration);

} // namespace portknocko::ctl
