// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_name.hpp"

#include <algorithm>
#include <array>
#include <linux/netfilter.h>
#include <vector>

namespace portknocko {
namespace {

struct TableFamily {
    std::string_view name;
    std::uint8_t number;
};

// Those whose sets may hold addresses and are asked about packets of addresses.
constexpr std::array<TableFamily, 5> families{{
    {"ip", NFPROTO_IPV4},
    {"ip6", NFPROTO_IPV6},
    {"inet", NFPROTO_INET},
    {"bridge", NFPROTO_BRIDGE},
    {"netdev", NFPROTO_NETDEV},
}};
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
    const auto* const family =
        std::find_if(families.begin(), families.end(), [&](const TableFamily& candidate) {
            return !words.empty() && candidate.name == words[0];
        });
    if (words.size() != 3 || family == families.end() || !is_identifier(words[1]) ||
        !is_identifier(words[2]))
        return Error{ExitCode::usage, "\"" + std::string(text) +
                                          "\" is not a set: \"FAMILY TABLE SET\" is meant, as in "
                                          "\"inet filter ssh_allowed\""};
    return SetName(family->number, words[1], words[2]);
}

std::string SetName::text() const {
    const auto* const family =
        std::find_if(families.begin(), families.end(),
                     [&](const TableFamily& candidate) { return candidate.number == family_; });
    return std::string(family->name) + " " + table_ + " " + set_;
}

} // namespace portknocko
