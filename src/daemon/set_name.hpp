// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace portknocko {

// A named set of nftables. Its parts have only characters that need no quotes in nft's language,
// whatever they came from: text() can be put into a command.
class SetName {
public:
    // "inet filter ssh_allowed"
    static Result<SetName> from_text(std::string_view text);

    std::string text() const;

    std::uint8_t family() const { return family_; } // NFPROTO_*
    const std::string& table() const { return table_; }
    const std::string& set() const { return set_; }

    bool operator==(const SetName&) const = default;
    bool operator<(const SetName& other) const { return text() < other.text(); }

private:
    SetName(std::uint8_t family, std::string_view table, std::string_view set)
        : family_(family), table_(table), set_(set) {}

    std::uint8_t family_;
    std::string table_;
    std::string set_;
};

} // namespace portknocko
