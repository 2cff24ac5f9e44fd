// SPDX-License-Identifier: GPL-2.0-or-later
// pknockctl: shows and changes for whom the doors of xt_pknock are open.
#include "command.hpp"
#include "output.hpp"
#include "process.hpp"

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

int exit_status(const Status& status) {
    if (status)
        return static_cast<int>(ExitCode::ok);
    if (!status.error().message.empty())
        std::cerr << "pknockctl: " + status.error().message + "\n";
    return static_cast<int>(status.error().code);
}

Status run(int argc, const char* const* argv) {
    if (!open_standard_streams())
        return system_error(ExitCode::internal, "/dev/null", errno);

    Action chosen;
    CommandLine line(
        "pknockctl", PORTKNOCKO_VERSION,
        "Shows and changes for whom the doors of the netfilter match pknock are open.");
    const auto choose = [&chosen](Action action) {
        return [&chosen, action = std::move(action)] { chosen = action; };
    };
    for (const auto& add : commands)
        add(line.arguments(), choose);

    const auto notice = line.parse(argc, argv);
    if (!notice)
        return notice.error();
    return *notice ? print((*notice)->text) : chosen();
}

} // namespace
} // namespace portknocko::ctl

int main(int argc, char** argv) {
    try {
        return portknocko::ctl::exit_status(portknocko::ctl::run(argc, argv));
    } catch (const std::exception& error) { // thrown by libraries: memory, mostly
        std::cerr << "pknockctl: " << error.what() << '\n';
        return static_cast<int>(portknocko::ExitCode::internal);
    }
}
