// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of pknockctl. Each is a file of its name: it adds itself to the command line, and
// says what to do if that names it.
#pragma once

#include "command_line.hpp"
#include "result.hpp"

#include <functional>

namespace portknocko::ctl {

// Why it failed is told on standard error, unless its message is empty: all is told then.
using Action = std::function<Status()>;

// What makes the action the one to be taken.
using Choose = std::function<std::function<void()>(Action)>;

void add_list(Arguments& program, const Choose& choose);
void add_show(Arguments& program, const Choose& choose);
void add_stats(Arguments& program, const Choose& choose);
void add_allow(Arguments& program, const Choose& choose);
void add_revoke(Arguments& program, const Choose& choose);
void add_flush(Arguments& program, const Choose& choose);
void add_monitor(Arguments& program, const Choose& choose);
void add_watch(Arguments& program, const Choose& choose);
void add_save(Arguments& program, const Choose& choose);
void add_restore(Arguments& program, const Choose& choose);
void add_check(Arguments& program, const Choose& choose);
void add_setup(Arguments& program, const Choose& choose);

} // namespace portknocko::ctl
