// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.hpp"

#include <CLI/CLI.hpp>

namespace portknocko::ctl {

Arguments::Arguments(CLI::App& app, const char* command, const char* help)
    : app_(*app.add_subcommand(command, help)) {
}

Arguments& Arguments::required(const char* name, std::string& value, const char* help) {
    app_.add_option(name, value, help)->required()->type_name("");
    return *this;
}

Arguments& Arguments::optional(const char* name, std::optional<std::string>& value,
                               const char* help) {
    app_.add_option(name, value, help)->type_name("");
    return *this;
}

Arguments& Arguments::optional(const char* name, std::string& value_or_default, const char* help) {
    app_.add_option(name, value_or_default, help)->type_name("")->capture_default_str();
    return *this;
}

Arguments& Arguments::option(const char* name, std::optional<std::string>& value, const char* type,
                             const char* help) {
    app_.add_option(name, value, help)->type_name(type);
    return *this;
}

Arguments& Arguments::flag(const char* name, bool& value, const char* help) {
    app_.add_flag(name, value, help);
    return *this;
}

Arguments& Arguments::exclude(const char* name, const char* other) {
    app_.get_option(name)->excludes(app_.get_option(other));
    return *this;
}

void Arguments::choose(const Choose& choose, Action action) {
    app_.callback([choose, action = std::move(action)] { choose(action); });
}

} // namespace portknocko::ctl
