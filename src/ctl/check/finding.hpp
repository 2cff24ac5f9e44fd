// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace portknocko::check {

// error: the rules do not do what they are written for. warning: they do, but not only. hint: look
// whether it is meant.
enum class Severity { hint, warning, error };

struct Finding {
    std::string id; // stable, for scripts
    Severity severity;
    std::string origin; // command or file
    std::string family; // "ipv4", "ipv6"
    std::string door;   // empty: not about one
    std::string rule;   // as iptables-save writes it, secrets hidden; empty: not about one
    std::string reason;
    std::string remedy;
};

using Findings = std::vector<Finding>;

} // namespace portknocko::check
