// SPDX-License-Identifier: GPL-2.0-or-later
// Open doors in a file, so that they are open after the next boot, too. pknockctl(8) documents
// the file.
#pragma once

#include "netlink.hpp"
#include "rfc3339.hpp"

#include <optional>
#include <string>
#include <vector>

namespace portknocko {

inline constexpr const char* default_saved_doors = "/var/lib/portknocko/doors.json";

struct SavedPeer {
    std::string door;
    Source source;
    std::optional<TimePoint> expires; // none: when it is revoked

    bool operator==(const SavedPeer&) const = default;
};

struct SavedDoors {
    TimePoint saved;
    std::string boot; // the kernel's ID of the boot in which they were saved; empty: not known
    std::vector<SavedPeer> peers;

    bool operator==(const SavedDoors&) const = default;
};

// The kernel's, empty if it does not tell.
std::string current_boot();

std::string write_saved(const SavedDoors& doors);

// All of it, or the first thing that is wrong.
Result<SavedDoors> read_saved(const std::string& text);

// Of a file that nobody can have written but root and the user.
Result<SavedDoors> load_saved(const std::string& path);

// Whoever may pass now. How many those are.
Result<std::size_t> save_doors(Client& client, const std::string& path);

// What became of those in the file.
struct Restored {
    std::size_t opened = 0;
    std::size_t open_already = 0; // left as they are
    std::size_t over = 0;
    std::size_t refused = 0; // by the kernel
    std::string refusal;     // the last one's reason
};

// A door that no rule names yet waits a minute for one. Nobody gets more time than was left when it
// was saved, whatever the clock says.
Result<Restored> restore_doors(Client& client, const SavedDoors& doors);

} // namespace portknocko
