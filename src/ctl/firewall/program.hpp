// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace portknocko::firewall {

// How a program ended, and all that it wrote.
struct Outcome {
    int status; // 128 and the signal, if one ended it
    std::string output;
    std::string complaints;
};

// Where a program of the system is; empty if it is not installed. The PATH of whoever called does
// not count.
std::string find_program(const std::string& name);

// Runs a program of the system to its end: no shell, the C locale, nothing of the caller's
// environment. An error only if it could not be run.
Result<Outcome> run_program(const std::vector<std::string>& words, std::string_view input = {});

} // namespace portknocko::firewall
