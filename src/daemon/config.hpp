// SPDX-License-Identifier: GPL-2.0-or-later
// What pknockd is told to do: pknockd.toml(5).
#pragma once

#include "listen_address.hpp"
#include "result.hpp"
#include "set_name.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace portknocko {

struct HooksConfig {
    std::string directory = "/etc/portknocko/hooks.d";
    std::string user = "pknockd-hooks"; // who hooks run as, if pknockd may change that
    std::set<std::string> events = {"opened", "closed", "expired", "revoked"};
    std::chrono::seconds timeout{30};
    std::size_t concurrency = 4;
    std::size_t queue = 256;          // runs that wait, at the most
    std::size_t output_limit = 16384; // bytes of each run that are logged

    bool operator==(const HooksConfig&) const = default;
};

struct MetricsConfig {
    std::vector<ListenAddress> listen;

    bool operator==(const MetricsConfig&) const = default;
};

struct SavedDoorsConfig {
    bool enabled = true;
    std::string file = "/var/lib/pknockd/doors.json";

    bool operator==(const SavedDoorsConfig&) const = default;
};

struct DoorConfig {
    std::vector<SetName> sets;
    bool flush_at_exit = false;

    bool operator==(const DoorConfig&) const = default;
};

struct Config {
    HooksConfig hooks;
    MetricsConfig metrics;
    SavedDoorsConfig saved_doors;
    std::map<std::string, DoorConfig> doors;

    bool operator==(const Config&) const = default;
};

// Something in the file that cannot be meant, at line and column from 1 on; 0 is "nowhere".
struct Mistake {
    std::size_t line;
    std::size_t column;
    std::string key; // "hooks.timeout"; empty where the file is no TOML at all
    std::string message;
};

using Mistakes = std::vector<Mistake>;

// Finds all mistakes at once, unless the text is no TOML: then it ends at the first.
std::variant<Config, Mistakes> parse_config(std::string_view text);

// The same of a file. The error's message has a line for each mistake: "FILE:LINE:COLUMN: KEY: …".
Result<Config> load_config(const std::string& path);

} // namespace portknocko
