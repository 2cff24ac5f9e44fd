// SPDX-License-Identifier: GPL-2.0-or-later
#include "duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace portknocko::ctl {
namespace {

struct Unit {
    char name;
    std::uint32_t seconds;
};

constexpr std::array units{Unit{'d', 86'400}, Unit{'h', 3'600}, Unit{'m', 60}, Unit{'s', 1}};

} // namespace

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
    const Error error{ExitCode::usage,
                      "\"" + text + "\" is not a duration such as 90, 90s, 15m, 8h or 7d"};
    std::uint64_t factor = 1;
    std::string digits = text;
    for (const Unit& unit : units) {
        if (!text.empty() && text.back() == unit.name) {
            factor = unit.seconds;
            digits.pop_back();
        }
    }
    std::uint32_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, problem] = std::from_chars(digits.data(), end, number);
    const std::uint64_t seconds = number * factor;
    if (problem != std::errc{} || rest != end || seconds == 0 ||
        seconds > std::numeric_limits<std::uint32_t>::max())
        return error;
    return std::chrono::milliseconds(std::chrono::seconds(seconds));
}

std::string duration_text(std::chrono::milliseconds duration) {
    auto left =
        static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(duration).count());
    for (std::size_t i = 0; i + 1 < units.size(); i++) {
        const Unit& large = units.at(i);
        const Unit& small = units.at(i + 1);
        if (left >= large.seconds)
            return std::to_string(left / large.seconds) + large.name + " " +
                   std::to_string(left % large.seconds / small.seconds) + small.name;
    }
    return std::to_string(left) + "s";
}

} // namespace portknocko::ctl
