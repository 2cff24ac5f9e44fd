// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

#include <CLI/CLI.hpp>

namespace portknocko {

Result<std::variant<Options, Notice>> parse_options(int argc, const char* const* argv) {
    Options options;
    bool check = false;
    bool flush = false;
    CLI::App app("Tells hooks, nftables sets, metrics and the journal of xt_pknock's doors.",
                 "pknockd");
    app.set_version_flag("--version", std::string("pknockd ") + PORTKNOCKO_VERSION);
    app.add_option("-c,--config", options.config, "configuration")
        ->type_name("FILE")
        ->capture_default_str();
    app.add_flag("-f,--foreground", options.foreground,
                 "log to standard error, not to the journal");
    auto* check_flag =
        app.add_flag("--check-config", check, "tell what is wrong with the configuration, and end");
    app.add_flag("--flush-sets", flush, "empty the sets that have flush-at-exit, and end")
        ->excludes(check_flag);

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return {Notice{app.help()}};
    } catch (const CLI::CallForVersion& version) {
        return {Notice{std::string(version.what()) + "\n"}};
    } catch (const CLI::ParseError& error) {
        return Error{ExitCode::usage, std::string(error.what()) + " (try \"pknockd --help\")"};
    }
    if (check)
        options.task = Task::check_config;
    else if (flush)
        options.task = Task::flush_sets;
    return {options};
}

} // namespace portknocko
