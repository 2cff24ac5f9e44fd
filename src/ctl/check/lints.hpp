// SPDX-License-Identifier: GPL-2.0-or-later
// What can be wrong with doors. Each function looks for a few things that belong together.
#pragma once

#include "finding.hpp"
#include "listeners.hpp"
#include "ruleset.hpp"

namespace portknocko::check {

// A -m pknock, where it stands.
struct DoorRule {
    const Ruleset* ruleset;
    const Table* table;
    const Rule* rule;
    const DoorMatch* door;

    // A finding about it, without reason and remedy.
    Finding finding(const std::string& id, Severity severity) const;
};

std::vector<DoorRule> door_rules(const Ruleset& ruleset);

// Of each rule by itself: sequences that scans open, secrets, doors that stay open.
void lint_options(const std::vector<DoorRule>& rules, Findings& findings);

// Of rules together: doors that nothing knocks at or checks, masks that differ, shared secrets.
// Rules of all families and backends at once.
void lint_doors(const std::vector<DoorRule>& rules, Findings& findings);

// Knocks that do not come to their rule.
void lint_knocks(const std::vector<DoorRule>& rules, Findings& findings);

// What becomes of other packets: established connections, loopback, ports open without a knock.
void lint_traffic(const std::vector<DoorRule>& rules, Findings& findings);

// Ports that are behind a door in IPv4 and open to all in IPv6, or the other way round. `other` is
// the same backend's ruleset of the other family.
void lint_twin(const std::vector<DoorRule>& rules, const Ruleset& other, Findings& findings);

// Knock ports on which a service answers.
void lint_listeners(const std::vector<DoorRule>& rules, const std::vector<Listener>& listeners,
                    Findings& findings);

} // namespace portknocko::check
