// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <string>
#include <string_view>

namespace portknocko {

// A named set of nftables. Its parts have only characters that need no quotes in nft's language,
// whatever they came from: text() can be put into a command.
class SetName {
public:
    // "inet filter ssh_allowed"
    static Result<SetName> from_text(std::string_view text);

    const std::string& text() const { return text_; }

    bool operator==(const SetName&) const = default;
    bool operator<(const SetName& other) const { return text_ < other.text_; }

private:
    explicit SetName(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

} // namespace portknocko
