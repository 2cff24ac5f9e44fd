// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace portknocko {

// No core dump, no debugger of the same user, no /proc/PID/environ: a program calls this before it
// meets a secret. False, with errno set, where the kernel refuses.
bool forbid_memory_dumps();

// A program started with standard streams closed would give their numbers to its own sockets and
// then print into them: puts /dev/null there. False, with errno set, where that fails.
bool open_standard_streams();

} // namespace portknocko
