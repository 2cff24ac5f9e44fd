// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portknocko::check {

// The words of a line as iptables-restore splits it: at blanks, but for those between double
// quotes, where a backslash takes the next character as it is. None if a quote is not closed.
std::optional<std::vector<std::string>> split_words(std::string_view line);

// The word as iptables-save would write it.
std::string quote_word(std::string_view word);

} // namespace portknocko::check
