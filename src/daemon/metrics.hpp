// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "door.hpp"
#include "hook_runner.hpp"
#include "set_keeper.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace portknocko {

// All that pknockd tells of itself and of the kernel's doors at one moment.
struct Metrics {
    std::string version;
    bool module_loaded = false;
    std::vector<Door> doors;
    std::map<EventKind, std::uint64_t> events; // received
    std::uint64_t losses = 0;                  // times that some were lost
    HookStatistics hooks;
    SetStatistics sets;
};

// In the text format of Prometheus.
std::string to_text(const Metrics& metrics);

} // namespace portknocko
