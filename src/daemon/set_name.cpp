// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_name.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace portknocko {
namespace {

// Those whose sets may hold addresses and are asked about packets of addresses.
constexpr std::array families{"ip", "ip6", "inet", "bridge", "netdev"};
constexpr std::size_t max_identifier = 127;
constexpr std::string_view punctuation = "_-.";

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_identifier(std::string_view word) {
    return !word.empty() && word.size() <= max_identifier && is_letter(word.front()) &&
           std::all_of(word.begin(), word.end(), [](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') ||
                      punctuation.find(c) != std::string_view::npos;
           });
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (end > begin)
            words.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

} // namespace

Result<SetName> SetName::from_text(std::string_view text) {
    const auto words = split(text);
    const bool valid = words.size() == 3 &&
                       std::find(families.begin(), families.end(), words[0]) != families.end() &&
                       is_identifier(words[1]) && is_identifier(words[2]);
    if (!valid)
        return Error{ExitCode::usage, "\"" + std::string(text) +
                                          "\" is not a set: \"FAMILY TABLE SET\" is meant, as in "
                                          "\"inet filter ssh_allowed\""};
    return SetName(std::string(words[0]) + " " + std::string(words[1]) + " " +
                   std::string(words[2]));
}

} // namespace portknocko
