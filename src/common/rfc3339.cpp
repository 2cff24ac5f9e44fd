// SPDX-License-Identifier: GPL-2.0-or-later
#include "rfc3339.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace portknocko {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t seconds_length = sizeof("2026-11-23T01:48:36") - 1;

} // namespace

std::string to_rfc3339(TimePoint time) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(time);
    const std::time_t since_epoch = system_clock::to_time_t(whole);
    std::tm utc{};
    gmtime_r(&since_epoch, &utc);
    std::array<char, 64> text{};
    std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    length += static_cast<std::size_t>(
        std::snprintf(text.data() + length, text.size() - length, ".%03dZ",
                      static_cast<int>(duration_cast<milliseconds>(time - whole).count())));
    return {text.data(), length};
}

std::optional<TimePoint> parse_rfc3339(const std::string& text) {
    std::tm utc{};
    const char* const rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
    if (rest == nullptr || rest != text.c_str() + seconds_length ||
        text.size() != seconds_length + sizeof(".250Z") - 1)
        return {};
    const std::chrono::seconds since_epoch(timegm(&utc));
    if (since_epoch < floor<std::chrono::seconds>(TimePoint::min().time_since_epoch()) + 1s ||
        since_epoch > floor<std::chrono::seconds>(TimePoint::max().time_since_epoch()) - 1s)
        return {};
    const TimePoint whole(since_epoch);
    int milliseconds = 0;
    for (const char digit : text.substr(seconds_length + 1, 3)) {
        if (digit < '0' || digit > '9')
            return {};
        milliseconds = milliseconds * 10 + (digit - '0');
    }
    const TimePoint time = whole + std::chrono::milliseconds(milliseconds);
    // Not everything that strptime() takes is a time: the 31st of February, a sign, spaces.
    return to_rfc3339(time) == text ? std::optional(time) : std::nullopt;
}

} // namespace portknocko
