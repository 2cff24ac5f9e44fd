// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {

Result<ExitCode> print(const std::string& text) {
    if (std::fputs(text.c_str(), stdout) == EOF || std::fflush(stdout) == EOF)
        return system_error(ExitCode::internal, "standard output", errno);
    return ExitCode::ok;
}

Result<ExitCode> print(const nlohmann::ordered_json& value) {
    return print(value.dump() + "\n");
}

} // namespace portknocko::ctl
