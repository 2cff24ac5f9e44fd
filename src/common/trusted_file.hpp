// SPDX-License-Identifier: GPL-2.0-or-later
// Files that decide who may pass: nobody but root, or who runs the program, writes them.
#pragma once

#include "result.hpp"

#include <string>

namespace portknocko {

// A regular file that root or the user owns, and that nobody else can write.
Result<std::string> read_trusted_file(const std::string& path);

// Afterwards there is either the whole new file, mode 0600, or what was there before, even if the
// machine dies meanwhile. A folder that is not there is made, mode 0700, but not its parent.
Status write_file_atomically(const std::string& path, const std::string& text);

} // namespace portknocko
