// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"
#include "unique_fd.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <sys/socket.h>

namespace portknocko::setup {

// What is said on the guard's sockets, a byte each: wishes, and the answer to all who wait.
constexpr char wish_keep = 'k';
constexpr char wish_undo = 'u';
constexpr char on_guard = 'G';
constexpr char was_kept = 'K';
constexpr char was_undone = 'U';
constexpr char has_failed = 'F';

struct GuardPost {
    UniqueFd listener; // for those who confirm
    UniqueFd channel;  // to who started it
    UniqueFd lock;     // held for as long as the process lives
    std::string path;  // of the listener
    std::chrono::milliseconds patience;
};

// The guard's life, in a process of its own.
void stand_guard(GuardPost post, const std::function<Status()>& undo);

} // namespace portknocko::setup
