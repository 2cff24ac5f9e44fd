// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook_process.hpp"

#include <optional>
#include <string>
#include <vector>

namespace portknocko {

// Whether this process may run others as another user.
bool may_change_user();

// What a child does between fork() and the program's first instruction. All that takes memory is
// done when it is made.
class HookChild {
public:
    // What is passed outlives this.
    HookChild(const std::string& path, const std::vector<std::string>& environment,
              const std::optional<Identity>& identity, int output);

    [[noreturn]] void execute() const;

private:
    bool redirect_streams() const;
    bool drop_privileges() const;

    std::vector<char*> arguments_;
    std::vector<char*> environment_;
    const std::optional<Identity>& identity_;
    int output_;
};

} // namespace portknocko
