// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/check.hpp"

#include "command.hpp"
#include "output.hpp"
#include "process.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

namespace portknocko::ctl {
namespace {

Result<ExitCode> check_rules(const check::Options& options) {
    if (!forbid_memory_dumps()) // rules hold secrets
        return system_error(ExitCode::internal, "cannot protect this process", errno);
    const Result<check::Report> report = check::check(options);
    if (!report)
        return report.error();
    const Result<ExitCode> printed =
        print(options.json ? check::to_json(*report) : check::to_text(*report));
    if (!printed)
        return printed;
    return report->clean() ? ExitCode::ok : ExitCode::findings;
}

} // namespace

void add_check(CLI::App& app, const Choose& choose) {
    CLI::App& command = *app.add_subcommand("check", "look for mistakes in the rules with doors");
    const auto options = std::make_shared<check::Options>();
    command
        .add_option("--file", options->file,
                    "what iptables-save printed, instead of this machine's rules")
        ->type_name("FILE");
    command.add_option("--file6", options->file6, "what ip6tables-save printed")->type_name("FILE");
    command.add_flag("--json", options->json, "print JSON");
    command.callback([=] { choose([options] { return check_rules(*options); }); });
}

} // namespace portknocko::ctl
