// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "door.hpp"
#include "journal.hpp"

#include <string>
#include <vector>

namespace portknocko {

// An event in words, "SSH: opened for 192.0.2.1 by a sequence, for 30 s".
std::string describe(const Event& event);

// The same for programs, "PKNOCK_DOOR=SSH" and so on: environment of hooks, fields of the journal.
// pknockd(8) documents them.
std::vector<std::string> fields_of(const Event& event);

// What journalctl finds all events of a kind by.
const char* message_id_of(EventKind kind);

Severity severity_of(EventKind kind);

} // namespace portknocko
