// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.hpp"

#include "iptables.hpp"
#include "lints.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

namespace portknocko::check {
namespace {

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad())
        return system_error(ExitCode::file, path, errno);
    return text;
}

Status add_file(std::vector<Ruleset>& rulesets, const std::string& path, Family family) {
    const Result<std::string> text = read_file(path);
    if (!text)
        return text.error();
    Result<Ruleset> ruleset = parse_ruleset(*text, family, path);
    if (!ruleset)
        return ruleset.error();
    rulesets.push_back(*std::move(ruleset));
    return Done{};
}

Result<Report> check_files(const Options& options) {
    std::vector<Ruleset> rulesets;
    if (options.file)
        if (const Status status = add_file(rulesets, *options.file, Family::ipv4); !status)
            return status.error();
    if (options.file6)
        if (const Status status = add_file(rulesets, *options.file6, Family::ipv6); !status)
            return status.error();
    return check_rulesets(rulesets, {});
}

// The rules of one backend, with none for a family that it has no rules of.
Result<std::vector<Ruleset>> load(firewall::Backend backend) {
    std::vector<Ruleset> rulesets;
    for (const Family family : firewall::families()) {
        const std::string origin = firewall::program(family, backend, "save");
        std::string text;
        if (firewall::in_use(family, backend)) {
            Result<std::string> saved = firewall::save_rules(family, backend);
            if (!saved)
                return saved.error();
            text = *std::move(saved);
        }
        Result<Ruleset> ruleset = parse_ruleset(text, family, origin);
        if (!ruleset)
            return ruleset.error();
        rulesets.push_back(*std::move(ruleset));
    }
    return rulesets;
}

Result<Report> check_machine() {
    Report report;
    const std::vector<Listener> listeners = find_listeners();
    for (const auto backend : {firewall::Backend::nft, firewall::Backend::legacy}) {
        const Result<std::vector<Ruleset>> rulesets = load(backend);
        if (!rulesets)
            return rulesets.error();
        Report part = check_rulesets(*rulesets, listeners);
        report.doors += part.doors;
        std::move(part.findings.begin(), part.findings.end(), std::back_inserter(report.findings));
    }
    return report;
}

} // namespace

Report check_rulesets(const std::vector<Ruleset>& rulesets,
                      const std::vector<Listener>& listeners) {
    Report report;
    std::vector<DoorRule> all;
    for (const Ruleset& ruleset : rulesets) {
        const std::vector<DoorRule> rules = door_rules(ruleset);
        lint_knocks(rules, report.findings);
        lint_traffic(rules, report.findings);
        for (const Ruleset& other : rulesets)
            if (other.family != ruleset.family)
                lint_twin(rules, other, report.findings);
        all.insert(all.end(), rules.begin(), rules.end());
    }
    lint_options(all, report.findings);
    lint_doors(all, report.findings);
    lint_listeners(all, listeners, report.findings);
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    report.doors = all.size();
    return report;
}

Result<Report> check(const Options& options) {
    return options.file || options.file6 ? check_files(options) : check_machine();
}

} // namespace portknocko::check
