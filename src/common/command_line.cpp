// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_line.hpp"

#include <CLI/CLI.hpp>

namespace portknocko {

Arguments::Arguments(CLI::App& app) : app_(&app) {
}

Arguments Arguments::command(const char* name, const char* help) {
    app_->require_subcommand(1);
    return Arguments(*app_->add_subcommand(name, help));
}

Arguments& Arguments::added(CLI::Option* option, const char* type) {
    last_ = option->type_name(type);
    return *this;
}

Arguments& Arguments::positional(const char* name, std::string& value, const char* help) {
    return added(app_->add_option(name, value, help)->capture_default_str(), "");
}

Arguments& Arguments::positional(const char* name, std::optional<std::string>& value,
                                 const char* help) {
    return added(app_->add_option(name, value, help), "");
}

Arguments& Arguments::positional(const char* name, std::vector<std::string>& values,
                                 const char* help) {
    return added(app_->add_option(name, values, help), "");
}

Arguments& Arguments::option(const char* name, std::string& value, const char* type,
                             const char* help) {
    return added(app_->add_option(name, value, help)->capture_default_str(), type);
}

Arguments& Arguments::option(const char* name, std::optional<std::string>& value, const char* type,
                             const char* help) {
    return added(app_->add_option(name, value, help), type);
}

Arguments& Arguments::flag(const char* name, bool& value, const char* help) {
    last_ = app_->add_flag(name, value, help);
    return *this;
}

Arguments& Arguments::option(const char* name, int& value, const char* type, Range<int> range,
                             const char* help) {
    CLI::Option* option = app_->add_option(name, value, help)->capture_default_str();
    return added(option->check(CLI::Range(range.lowest, range.highest)), type);
}

Arguments& Arguments::option(const char* name, std::optional<std::uint16_t>& value,
                             const char* type, Range<std::uint16_t> range, const char* help) {
    CLI::Option* option = app_->add_option(name, value, help);
    return added(option->check(CLI::Range(range.lowest, range.highest)), type);
}

Arguments& Arguments::option(const char* name, std::optional<std::uint32_t>& value,
                             const char* type, Range<std::uint32_t> range, const char* help) {
    CLI::Option* option = app_->add_option(name, value, help);
    return added(option->check(CLI::Range(range.lowest, range.highest)), type);
}

Arguments& Arguments::option(const char* name, std::optional<std::string>& value,
                             std::initializer_list<const char*> words, const char* help) {
    const std::vector<std::string> choice(words.begin(), words.end());
    CLI::Option* option = app_->add_option(name, value, help);
    return added(option->check(CLI::IsMember(choice)), CLI::detail::join(choice, "|").c_str());
}

Arguments& Arguments::required() {
    last_->required();
    return *this;
}

Arguments& Arguments::also_without_value() {
    last_->expected(0, 1);
    return *this;
}

Arguments& Arguments::excludes(const char* name) {
    last_->excludes(app_->get_option(name));
    return *this;
}

Arguments& Arguments::footer(const std::string& text) {
    app_->footer(text);
    return *this;
}

void Arguments::on_choice(std::function<void()> chosen) {
    app_->callback(std::move(chosen));
}

CommandLine::CommandLine(const std::string& program, const std::string& version,
                         const std::string& help)
    : app_(std::make_unique<CLI::App>(help, program)), arguments_(*app_) {
    app_->set_version_flag("--version", program + " " + version);
}

CommandLine::~CommandLine() = default;

Result<std::optional<Notice>> CommandLine::parse(int argc, const char* const* argv) {
    try {
        app_->parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return {Notice{app_->help()}};
    } catch (const CLI::CallForVersion& version) {
        return {Notice{std::string(version.what()) + "\n"}};
    } catch (const CLI::ParseError& error) {
        return Error{ExitCode::usage,
                     std::string(error.what()) + " (try \"" + app_->get_name() + " --help\")"};
    }
    return {std::nullopt};
}

} // namespace portknocko
