// SPDX-License-Identifier: GPL-2.0-or-later
// A command's place on the command line. CLI11 is behind it, so that few files have to be compiled
// with it: that takes longer than all else in them.
#pragma once

#include "command.hpp"

#include <optional>
#include <string>

namespace portknocko::ctl {

class Arguments {
public:
    Arguments(CLI::App& app, const char* command, const char* help);

    // By their place.
    Arguments& required(const char* name, std::string& value, const char* help);
    Arguments& optional(const char* name, std::optional<std::string>& value, const char* help);
    Arguments& optional(const char* name, std::string& value_or_default, const char* help);

    // By their name; type is what the help calls the value.
    Arguments& option(const char* name, std::optional<std::string>& value, const char* type,
                      const char* help);
    Arguments& flag(const char* name, bool& value, const char* help);

    Arguments& exclude(const char* name, const char* other);

    // What to do if the command line names the command. The values have to live till then.
    void choose(const Choose& choose, Action action);

private:
    CLI::App& app_;
};

} // namespace portknocko::ctl
