// SPDX-License-Identifier: GPL-2.0-or-later
#include "words.hpp"

namespace portknocko::check {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Takes a quoted string off the line's front, which is behind the opening quote.
bool take_quoted(std::string_view& line, std::string& word) {
    while (!line.empty() && line.front() != '"') {
        if (line.front() == '\\')
            line.remove_prefix(1);
        if (line.empty())
            return false;
        word += line.front();
        line.remove_prefix(1);
    }
    if (line.empty())
        return false;
    line.remove_prefix(1);
    return true;
}

} // namespace

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    bool inside = false;
    while (!line.empty()) {
        const char c = line.front();
        line.remove_prefix(1);
        if (is_blank(c)) {
            inside = false;
            continue;
        }
        if (!inside)
            words.emplace_back();
        inside = true;
        if (c != '"')
            words.back() += c;
        else if (!take_quoted(line, words.back()))
            return std::nullopt;
    }
    return words;
}

std::string quote_word(std::string_view word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "_-.,:/!+=@%^*~";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos)
        return std::string(word);
    std::string quoted = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace portknocko::check
