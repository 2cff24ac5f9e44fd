// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "command_line.hpp"
#include "result.hpp"

#include <string>
#include <variant>

namespace portknocko {

enum class Task { run, check_config, flush_sets };

struct Options {
    Task task = Task::run;
    std::string config = "/etc/portknocko/pknockd.toml";
    bool foreground = false;
};

Result<std::variant<Options, Notice>> parse_options(int argc, const char* const* argv);

} // namespace portknocko
