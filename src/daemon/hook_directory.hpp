// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace portknocko {

// The paths of the hooks in a directory, in the order of their names. A hook's name is one that
// run-parts(8) takes: letters, digits, "_" and "-" only.
//
// Whoever can write a hook decides what pknockd runs: directory and hooks must belong to `owner`,
// and be closed to the writing of all others. Of files that are not, or not executable, `refuse`
// is told why. A directory that is not there has no hooks.
Result<std::vector<std::string>> list_hooks(const std::string& directory, uid_t owner,
                                            const std::function<void(const Error&)>& refuse);

} // namespace portknocko
