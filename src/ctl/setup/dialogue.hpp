// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guard.hpp"
#include "result.hpp"

#include <string>

namespace portknocko::setup {

// Asks on standard input, if that is a terminal; an empty answer is the proposal.
Result<std::string> ask_on_terminal(const std::string& question, const std::string& proposal);

// Waits for Enter, which keeps what the guard guards, or for the guard, who may be told elsewhere.
Fate wait_for_enter(const Guard& guard);

} // namespace portknocko::setup
