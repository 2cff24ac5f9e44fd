// SPDX-License-Identifier: GPL-2.0-or-later
// A process that undoes what was set up, unless someone who still gets in confirms it in time. It
// outlives the session that started it, and nothing but a SIGKILL keeps it from its duty.
#pragma once

#include "result.hpp"
#include "unique_fd.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace portknocko::setup {

constexpr const char* guard_directory = "/run/pknockctl";

enum class Fate { kept, undone, failed };

class Guard {
public:
    // Starts the process; returns when it is on guard. The directory is for its socket, which has
    // the token's name; one guard at a time has it. `undo` is called in that process.
    static Result<Guard> start(const std::string& directory, const std::string& token,
                               std::chrono::milliseconds patience,
                               const std::function<Status()>& undo);

    // Tells the guard to keep what was done, or to undo it now, and waits for what it says.
    Fate keep() const { return tell('k'); }
    Fate undo() const { return tell('u'); }

    // Becomes readable when the guard has decided for whatever reason; fate() then tells which way.
    int fd() const { return channel_.get(); }
    Fate fate() const;

private:
    explicit Guard(UniqueFd channel) : channel_(std::move(channel)) {}
    Fate tell(char wish) const;

    UniqueFd channel_;
};

// From another process: tells the guard of this token to keep what was done.
Result<Fate> confirm(const std::string& directory, const std::string& token);

} // namespace portknocko::setup
