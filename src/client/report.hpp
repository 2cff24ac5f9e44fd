// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plan.hpp"

#include <string>

namespace portknocko {

// One JSON object on one line; pknock(1) documents its members.
std::string to_json(const Plan& plan, bool sent);

// The same for people, a line a packet.
std::string to_text(const Plan& plan);

} // namespace portknocko
