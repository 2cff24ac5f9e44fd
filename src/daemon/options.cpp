// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

namespace portknocko {

Result<std::variant<Options, Notice>> parse_options(int argc, const char* const* argv) {
    Options options;
    bool check = false;
    bool flush = false;
    CommandLine line("pknockd", PORTKNOCKO_VERSION,
                     "Tells hooks, nftables sets, metrics and the journal of xt_pknock's doors.");
    line.arguments()
        .option("-c,--config", options.config, "FILE", "configuration")
        .flag("-f,--foreground", options.foreground, "log to standard error, not to the journal")
        .flag("--check-config", check, "tell what is wrong with the configuration, and end")
        .flag("--flush-sets", flush, "empty the sets that have flush-at-exit, and end")
        .excludes("--check-config");

    const auto notice = line.parse(argc, argv);
    if (!notice)
        return notice.error();
    if (*notice)
        return {**notice};
    if (check)
        options.task = Task::check_config;
    else if (flush)
        options.task = Task::flush_sets;
    return {options};
}

} // namespace portknocko
