// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of pknockctl. Each is a file of its name: it adds itself to the command line, and
// says what to do if that names it.
#pragma once

#include "result.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace portknocko::ctl {

// The exit status, or why it failed; that is told on standard error.
using Action = std::function<Result<ExitCode>()>;

// Called when the command line is parsed, with what is to be done then.
using Choose = std::function<void(Action)>;

void add_list(CLI::App& app, const Choose& choose);
void add_show(CLI::App& app, const Choose& choose);
void add_stats(CLI::App& app, const Choose& choose);
void add_allow(CLI::App& app, const Choose& choose);
void add_revoke(CLI::App& app, const Choose& choose);
void add_flush(CLI::App& app, const Choose& choose);
void add_monitor(CLI::App& app, const Choose& choose);
void add_watch(CLI::App& app, const Choose& choose);
void add_save(CLI::App& app, const Choose& choose);
void add_restore(CLI::App& app, const Choose& choose);
void add_check(CLI::App& app, const Choose& choose);
void add_setup(CLI::App& app, const Choose& choose);

} // namespace portknocko::ctl
