// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "finding.hpp"

#include <string>

namespace portknocko::check {

struct Report {
    std::size_t doors = 0; // how many rules have -m pknock
    Findings findings;

    // Hints are not findings for the exit status.
    bool clean() const;
};

std::string to_text(const Report& report);
std::string to_json(const Report& report);

} // namespace portknocko::check
