// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <string>

namespace portknocko {

// Standard output is the program's result: what did not get there is an error. Each call's text
// leaves the program at once.
Status print(const std::string& text);

} // namespace portknocko
