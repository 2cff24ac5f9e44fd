// SPDX-License-Identifier: GPL-2.0-or-later
#include "lints.hpp"

#include <algorithm>
#include <map>

namespace portknocko::check {
namespace {

bool knocks(const DoorRule& at) {
    return !at.door->knocks.empty();
}

// Whether something happens to a packet because its source's door is open. A knock rule that drops
// is there for its knocks alone.
bool uses(const DoorRule& at) {
    const std::string& target = at.rule->target;
    return !knocks(at) || (!target.empty() && target != "DROP" && target != "REJECT");
}

bool same_door(const DoorRule& a, const DoorRule& b) {
    return a.door->name == b.door->name && a.ruleset->family == b.ruleset->family;
}

template <typename Predicate>
const DoorRule* find_rule(const std::vector<DoorRule>& rules, const DoorRule& of,
                          Predicate predicate) {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const DoorRule& at) {
        return same_door(at, of) && predicate(at);
    });
    return found == rules.end() ? nullptr : &*found;
}

void lint_lonely(const std::vector<DoorRule>& rules, const DoorRule& at, Findings& findings) {
    if (!knocks(at) && find_rule(rules, at, knocks) == nullptr) {
        Finding finding = at.finding("never-knocked", Severity::warning);
        finding.reason = "no rule of this name has --knockports: nobody can knock this door open";
        finding.remedy = "add the rule with --knockports, or correct --name; a door that only "
                         "\"pknockctl allow\" opens needs none";
        findings.push_back(std::move(finding));
    }
    if (knocks(at) && find_rule(rules, at, uses) == nullptr) {
        Finding finding = at.finding("never-checked", Severity::warning);
        finding.reason = "no rule lets anything pass because this door is open";
        finding.remedy = "add a rule with --checkip and -j ACCEPT, or correct --name; a door that "
                         "only pknockd's sets follow needs none";
        findings.push_back(std::move(finding));
    }
}

unsigned effective_mask(const DoorRule& at) {
    return at.door->mask.value_or(at.ruleset->family == Family::ipv4 ? 32 : 128);
}

// The kernel remembers a source with the mask of the rule that let it in.
void lint_mask(const std::vector<DoorRule>& rules, const DoorRule& at, Findings& findings) {
    if (knocks(at))
        return;
    const unsigned mask = effective_mask(at);
    const DoorRule* any = find_rule(rules, at, knocks);
    const DoorRule* same = find_rule(rules, at, [&](const DoorRule& other) {
        return knocks(other) && effective_mask(other) == mask;
    });
    if (any == nullptr || same != nullptr)
        return;
    Finding finding = at.finding("mask-differs", Severity::error);
    finding.reason = "it looks for sources of " + std::to_string(mask) +
                     " bits, but knocks open the door for " + std::to_string(effective_mask(*any)) +
                     ": it never matches";
    finding.remedy = "give all rules of the door the same --mask";
    findings.push_back(std::move(finding));
}

void lint_shared_secrets(const std::vector<DoorRule>& rules, Findings& findings) {
    std::map<std::pair<std::size_t, std::size_t>, std::string> owners;
    for (const DoorRule& at : rules)
        for (const auto& secret : {at.door->opensecret, at.door->closesecret}) {
            if (!secret)
                continue;
            const auto [owner, fresh] =
                owners.try_emplace({secret->size, secret->hash}, at.door->name);
            if (fresh || owner->second == at.door->name)
                continue;
            Finding finding = at.finding("secret-shared", Severity::warning);
            finding.reason = "the door " + owner->second +
                             " has the same secret: a datagram for one can be sent to the other";
            finding.remedy = "give each door secrets of its own";
            findings.push_back(std::move(finding));
        }
}

} // namespace

void lint_doors(const std::vector<DoorRule>& rules, Findings& findings) {
    for (const DoorRule& at : rules) {
        lint_lonely(rules, at, findings);
        lint_mask(rules, at, findings);
    }
    lint_shared_secrets(rules, findings);
}

} // namespace portknocko::check
