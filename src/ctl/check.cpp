// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/check.hpp"

#include "command.hpp"
#include "output.hpp"
#include "process.hpp"

#include <cerrno>
#include <memory>

namespace portknocko::ctl {
namespace {

Status check_rules(const check::Options& options) {
    if (!forbid_memory_dumps()) // rules hold secrets
        return system_error(ExitCode::internal, "cannot protect this process", errno);
    const Result<check::Report> report = check::check(options);
    if (!report)
        return report.error();
    const std::string text = options.json ? check::to_json(*report) : check::to_text(*report);
    if (const Status printed = print(text); !printed)
        return printed.error();
    if (!report->clean())
        return Error{ExitCode::findings, ""};
    return Done{};
}

} // namespace

void add_check(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<check::Options>();
    program.command("check", "look for mistakes in the rules with doors")
        .option("--file", options->file, "FILE",
                "what iptables-save printed, instead of this machine's rules")
        .option("--file6", options->file6, "FILE", "what ip6tables-save printed")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return check_rules(*options); }));
}

} // namespace portknocko::ctl
