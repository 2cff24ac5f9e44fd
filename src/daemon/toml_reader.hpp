// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "config.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace portknocko {

// What toml++ asserts, some mistakes in a file break: an end of the program would be the wrong
// answer.
struct BrokenAssertion {};

[[noreturn]] inline void break_assertion() {
    throw BrokenAssertion{};
}

} // namespace portknocko

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): by this name toml++ looks for it
#define TOML_ASSERT(expression)                                                                    \
    ((expression) ? static_cast<void>(0) : portknocko::break_assertion())
#include <toml++/toml.h>

namespace portknocko {

// Reads a table's keys one by one, notes every mistake with its place, and goes on. A value that
// is missing or wrong leaves its target as it was. Keys that nobody asked for are mistakes.
class TomlReader {
public:
    // What a text may be: returns what is wrong with it, or an empty string.
    using Check = std::function<std::string(const std::string&)>;

    // `path` is the table's name, empty for the file itself. All three outlive this.
    TomlReader(const toml::table& table, std::string path, Mistakes& mistakes);

    void boolean(const char* key, bool& target);
    void text(const char* key, std::string& target, const Check& check);
    // A list of texts, or one text for a list of one.
    void texts(const char* key, const std::function<std::string(const std::string&)>& take);
    // Calls `read` for a table, which has to be one.
    void table(const char* key, const std::function<void(TomlReader&)>& read);
    // Calls `read` for each key of this table, all of which have to be tables.
    void each_table(const std::function<void(const std::string& key, TomlReader&)>& read);

    template <typename T>
    void number(const char* key, T& target, std::int64_t min, std::int64_t max) {
        std::int64_t value = 0;
        if (number_in(key, value, min, max))
            target = T(value);
    }

    // To be called last.
    void refuse_unknown_keys();

    // A mistake in this table as a whole.
    void add_mistake(const std::string& message);

private:
    const toml::node* find(const char* key);
    bool number_in(const char* key, std::int64_t& target, std::int64_t min, std::int64_t max);
    std::string name_of(std::string_view key) const;
    void add_mistake(const toml::source_region& where, std::string_view key, std::string message);
    void read_nested(std::string_view key, const toml::node& node,
                     const std::function<void(TomlReader&)>& read);

    const toml::table& table_;
    std::string path_;
    Mistakes& mistakes_;
    std::set<std::string, std::less<>> known_;
};

} // namespace portknocko
