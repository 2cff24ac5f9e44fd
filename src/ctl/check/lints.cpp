// SPDX-License-Identifier: GPL-2.0-or-later
#include "lints.hpp"

namespace portknocko::check {

Finding DoorRule::finding(const std::string& id, Severity severity) const {
    return {.id = id,
            .severity = severity,
            .origin = ruleset->origin,
            .family = firewall::name_of(ruleset->family),
            .door = door->name,
            .rule = "-t " + table->name + " " + rule->text,
            .reason = "",
            .remedy = ""};
}

std::vector<DoorRule> door_rules(const Ruleset& ruleset) {
    std::vector<DoorRule> found;
    for (const Table& table : ruleset.tables)
        for (const auto& [name, chain] : table.chains)
            for (const Rule& rule : chain.rules)
                for (const Match& match : rule.matches)
                    if (const auto* door = std::get_if<DoorMatch>(&match))
                        found.push_back({&ruleset, &table, &rule, door});
    return found;
}

} // namespace portknocko::check
