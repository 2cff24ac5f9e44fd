// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "secret.hpp"

#include <optional>
#include <string>

namespace portknocko {

// Where to take a secret from. There is no way to give one as an argument: every user of the
// machine can read those.
struct SecretSource {
    std::optional<std::string> file;
    std::optional<std::string> variable; // must be set if it is named here
    std::string default_variable;        // taken if it is set and neither of the above is given
    std::string prompt;                  // shown on the terminal when nothing else is there
};

Result<Secret> load_secret(const SecretSource& source);

// Like ssh's keys, the file must be closed to group and others. One newline at its end is dropped.
Result<Secret> read_secret_file(const std::string& path);

// Takes the variable out of the environment, its bytes in /proc/PID/environ too.
Result<Secret> take_secret_variable(const std::string& name);

// Asks on the controlling terminal, without echo.
Result<Secret> prompt_for_secret(const std::string& prompt);

} // namespace portknocko
