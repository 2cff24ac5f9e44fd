// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace portknocko {

using TimePoint = std::chrono::system_clock::time_point;

// "2026-11-23T01:48:36.250Z": milliseconds, always UTC.
std::string to_rfc3339(TimePoint time);

// The same form only.
std::optional<TimePoint> parse_rfc3339(const std::string& text);

} // namespace portknocko
