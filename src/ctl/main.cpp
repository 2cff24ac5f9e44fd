// SPDX-License-Identifier: GPL-2.0-or-later
// pknockctl: shows and changes for whom the doors of xt_pknock are open.
#include "command.hpp"
#include "output.hpp"
#include "process.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <exception>
#include <iostream>

namespace portknocko::ctl {
namespace {

constexpr std::array commands{
    add_list,    add_show,  add_stats, add_allow,   add_revoke, add_flush,
    add_monitor, add_watch, add_save,  add_restore, add_check,  add_setup,
};

int report_error(const Error& error) {
    std::cerr << "pknockctl: " + error.message + "\n";
    return static_cast<int>(error.code);
}

int exit_status(const Result<ExitCode>& result) {
    return result ? static_cast<int>(*result) : report_error(result.error());
}

int run(int argc, const char* const* argv) {
    if (!open_standard_streams())
        return report_error(system_error(ExitCode::internal, "/dev/null", errno));

    Action chosen;
    CLI::App app("Shows and changes for whom the doors of the netfilter match pknock are open.",
                 "pknockctl");
    app.set_version_flag("--version", std::string("pknockctl ") + PORTKNOCKO_VERSION);
    app.require_subcommand(1);
    for (const auto& add : commands)
        add(app, [&chosen](Action action) { chosen = std::move(action); });

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return exit_status(print(app.help()));
    } catch (const CLI::CallForVersion& version) {
        return exit_status(print(std::string(version.what()) + "\n"));
    } catch (const CLI::ParseError& error) {
        return report_error(
            {ExitCode::usage, std::string(error.what()) + " (try \"pknockctl --help\")"});
    }
    return exit_status(chosen());
}

} // namespace
} // namespace portknocko::ctl

int main(int argc, char** argv) {
    try {
        return portknocko::ctl::run(argc, argv);
    } catch (const std::exception& error) { // thrown by libraries: memory, mostly
        return portknocko::ctl::report_error({portknocko::ExitCode::internal, error.what()});
    }
}
