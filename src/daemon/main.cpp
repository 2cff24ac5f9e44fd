// SPDX-License-Identifier: GPL-2.0-or-later
// pknockd: tells others of xt_pknock's doors.
#include "daemon.hpp"
#include "options.hpp"
#include "output.hpp"
#include "process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <iostream>
#include <sstream>

namespace portknocko {
namespace {

// An error of the configuration has a line for each mistake.
int report_error(const Error& error) {
    std::istringstream lines(error.message);
    for (std::string line; std::getline(lines, line);)
        std::cerr << "pknockd: " + line + "\n";
    return static_cast<int>(error.code);
}

// The loop takes these from a descriptor.
Status block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGCHLD, SIGHUP, SIGINT, SIGTERM})
        sigaddset(&signals, number);
    if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0)
        return system_error(ExitCode::internal, "signals", errno);
    return Done{};
}

Status flush_sets(const Config& config) {
    auto nft = Nft::open();
    if (!nft)
        return nft.error();
    Status result = Done{};
    for (const auto& [name, door] : config.doors)
        for (const SetName& set : door.sets)
            if (door.flush_at_exit)
                if (const auto flushed = nft->run(flush_command(set)); !flushed)
                    result = Error{flushed.error().code,
                                   "set " + set.text() + ": " + flushed.error().message};
    return result;
}

Status run_daemon(const Config& config, const Options& options) {
    if (const Status status = block_signals(); !status)
        return status.error();
    auto loop = EventLoop::create();
    if (!loop)
        return loop.error();
    auto nft = Nft::open();
    if (!nft)
        return nft.error();
    auto set_watch = SetWatch::open();
    if (!set_watch)
        return set_watch.error();
    SystemJournal system_journal;
    TerminalJournal terminal_journal;
    Journal& journal = options.foreground ? static_cast<Journal&>(terminal_journal)
                                          : static_cast<Journal&>(system_journal);
    return Daemon(*loop, journal, *nft, *set_watch, options.config).run(config);
}

Status perform(const Options& options) {
    const Result<Config> config = load_config(options.config);
    if (!config)
        return config.error();
    switch (options.task) {
    case Task::check_config:
        return Done{};
    case Task::flush_sets:
        return flush_sets(*config);
    case Task::run:
        break;
    }
    return run_daemon(*config, options);
}

int run(int argc, const char* const* argv) {
    if (!open_standard_streams())
        return report_error(system_error(ExitCode::internal, "standard streams", errno));
    const auto parsed = parse_options(argc, argv);
    if (!parsed)
        return report_error(parsed.error());
    const auto* notice = std::get_if<Notice>(&*parsed);
    const Status status =
        notice != nullptr ? print(notice->text) : perform(std::get<Options>(*parsed));
    return status ? static_cast<int>(ExitCode::ok) : report_error(status.error());
}

} // namespace
} // namespace portknocko

int main(int argc, char** argv) {
    try {
        return portknocko::run(argc, argv);
    } catch (const std::exception& error) { // thrown by libraries: memory, mostly
        return portknocko::report_error({portknocko::ExitCode::internal, error.what()});
    }
}
