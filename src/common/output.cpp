// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.hpp"

#include <cerrno>
#include <cstdio>

namespace portknocko {

Status print(const std::string& text) {
    if (std::fputs(text.c_str(), stdout) == EOF || std::fflush(stdout) == EOF)
        return system_error(ExitCode::internal, "standard output", errno);
    return Done{};
}

} // namespace portknocko
