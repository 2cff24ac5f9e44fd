// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ruleset.hpp"

namespace portknocko::check {

// Reads a rule from its words: the chain, and what iptables-save writes after it.
Result<Rule> parse_rule(const std::vector<std::string>& words);

} // namespace portknocko::check
