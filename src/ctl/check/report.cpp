// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace portknocko::check {
namespace {

const char* name_of(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    default:
        return "hint";
    }
}

std::string to_text(const Finding& finding) {
    std::string text =
        std::string(name_of(finding.severity)) + " [" + finding.id + "] " + finding.origin;
    if (!finding.door.empty())
        text += ", door " + finding.door;
    text += ": " + finding.reason + "\n";
    if (!finding.rule.empty())
        text += "    rule: " + finding.rule + "\n";
    return text + "    remedy: " + finding.remedy + "\n";
}

} // namespace

bool Report::clean() const {
    return std::all_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::hint; });
}

std::string to_text(const Report& report) {
    if (report.doors == 0)
        return "no rule has -m pknock\n";
    std::string text;
    for (const Finding& finding : report.findings)
        text += to_text(finding);
    const std::string rules =
        std::to_string(report.doors) + (report.doors == 1 ? " rule" : " rules") + " with -m pknock";
    if (report.findings.empty())
        return rules + ", nothing found\n";
    return text + rules + ", " + std::to_string(report.findings.size()) + " found\n";
}

std::string to_json(const Report& report) {
    using Json = nlohmann::ordered_json;
    Json findings = Json::array();
    for (const Finding& finding : report.findings)
        findings.push_back({{"id", finding.id},
                            {"severity", name_of(finding.severity)},
                            {"origin", finding.origin},
                            {"family", finding.family},
                            {"door", finding.door},
                            {"rule", finding.rule},
                            {"reason", finding.reason},
                            {"remedy", finding.remedy}});
    const Json json{{"rules", report.doors}, {"findings", std::move(findings)}};
    // Comments of rules may be any bytes; JSON is UTF-8.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace portknocko::check
