// SPDX-License-Identifier: GPL-2.0-or-later
// pknockctl check: looks for mistakes in the rules that keep doors.
#pragma once

#include "listeners.hpp"
#include "report.hpp"
#include "result.hpp"
#include "ruleset.hpp"

#include <optional>
#include <string>
#include <vector>

namespace portknocko::check {

struct Options {
    std::optional<std::string> file;  // what iptables-save printed, instead of this machine's rules
    std::optional<std::string> file6; // what ip6tables-save printed
    bool json = false;
};

// Looks at rules that belong together, those of one backend or of files: one ruleset for each
// family. The listeners are those of the machine that the rules are for.
Report check_rulesets(const std::vector<Ruleset>& rulesets, const std::vector<Listener>& listeners);

// Of this machine, or of files.
Result<Report> check(const Options& options);

} // namespace portknocko::check
