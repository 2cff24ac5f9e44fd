// SPDX-License-Identifier: GPL-2.0-or-later
#include "lints.hpp"

#include "sequence.hpp"

namespace portknocko::check {
namespace {

// A secret of so many characters cannot be guessed from a datagram that was seen, unless it is made
// of words.
constexpr std::size_t enough_bytes = 16;

void lint_scan(const DoorRule& at, Findings& findings) {
    const std::string how = scan_that_opens(*at.door);
    if (how.empty())
        return;
    Finding finding = at.finding("scan-opens", Severity::warning);
    finding.reason = how + " opens the door";
    finding.remedy = at.door->strict || at.door->knocks.size() < 3
                         ? "take at least three ports, neither rising nor falling, and --strict"
                         : "add --strict, or take ports that neither rise nor fall";
    findings.push_back(std::move(finding));
}

void lint_secrets(const DoorRule& at, Findings& findings) {
    for (const auto& [option, secret] : {std::pair{"--opensecret", at.door->opensecret},
                                         {"--closesecret", at.door->closesecret}}) {
        if (!secret || secret->size >= enough_bytes)
            continue;
        Finding finding = at.finding("secret-short", Severity::warning);
        finding.reason = std::string(option) + " has " + std::to_string(secret->size) +
                         " bytes: who saw a datagram can try all secrets of that size";
        finding.remedy = "take 32 random characters: openssl rand -hex 16";
        findings.push_back(std::move(finding));
    }
}

void lint_lifetime(const DoorRule& at, Findings& findings) {
    if (at.door->bounded || at.door->once)
        return;
    Finding finding = at.finding("never-closes", Severity::hint);
    finding.reason = "a door once open stays open for its address, whoever has that address later";
    finding.remedy = "add --ttl 30: connections that are through stay, if established ones pass";
    findings.push_back(std::move(finding));
}

} // namespace

void lint_options(const std::vector<DoorRule>& rules, Findings& findings) {
    for (const DoorRule& at : rules) {
        if (at.door->knocks.empty())
            continue;
        if (!at.door->opensecret)
            lint_scan(at, findings);
        lint_secrets(at, findings);
        lint_lifetime(at, findings);
    }
}

} // namespace portknocko::check
