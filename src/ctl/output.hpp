// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace portknocko::ctl {

// Standard output is the program's result: what did not get there is an error. Each call's text
// leaves the program at once. Otherwise: ExitCode::ok.
Result<ExitCode> print(const std::string& text);

// One line.
Result<ExitCode> print(const nlohmann::ordered_json& value);

} // namespace portknocko::ctl
