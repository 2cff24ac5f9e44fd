// SPDX-License-Identifier: GPL-2.0-or-later
// The command line. CLI11 reads it, and is behind this, so that one file has to be compiled with
// it: that takes longer than all else in a program.
#pragma once

#include "result.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace portknocko {

// What --help and --version print.
struct Notice {
    std::string text;
};

// What the program itself or a command of it takes. Values have to live until all is parsed; one
// that is not optional has its default in it. `type` is what the help calls a value.
class Arguments {
public:
    explicit Arguments(CLI::App& app);

    // One that is below this: one of those has to be named then.
    Arguments command(const char* name, const char* help);

    // By their place.
    Arguments& positional(const char* name, std::string& value, const char* help);
    Arguments& positional(const char* name, std::optional<std::string>& value, const char* help);
    Arguments& positional(const char* name, std::vector<std::string>& values, const char* help);

    // By their name, "--long" or "-l,--long".
    Arguments& option(const char* name, std::string& value, const char* type, const char* help);
    Arguments& option(const char* name, std::optional<std::string>& value, const char* type,
                      const char* help);
    Arguments& flag(const char* name, bool& value, const char* help);

    // A number from lowest to highest.
    template <typename Number>
    struct Range {
        Number lowest;
        Number highest = std::numeric_limits<Number>::max();
    };
    Arguments& option(const char* name, int& value, const char* type, Range<int> range,
                      const char* help);
    Arguments& option(const char* name, std::optional<std::uint16_t>& value, const char* type,
                      Range<std::uint16_t> range, const char* help);
    Arguments& option(const char* name, std::optional<std::uint32_t>& value, const char* type,
                      Range<std::uint32_t> range, const char* help);

    // One of these words.
    Arguments& option(const char* name, std::optional<std::string>& value,
                      std::initializer_list<const char*> words, const char* help);

    // Of the last one that was added.
    Arguments& required();
    Arguments& also_without_value(); // which is then empty
    Arguments& excludes(const char* name);

    // Below the help.
    Arguments& footer(const std::string& text);

    // Called at the end of parsing, if the command line names this command.
    void on_choice(std::function<void()> chosen);

private:
    Arguments& added(CLI::Option* option, const char* type);

    CLI::App* app_;
    CLI::Option* last_ = nullptr;
};

class CommandLine {
public:
    CommandLine(const std::string& program, const std::string& version, const std::string& help);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    Arguments& arguments() { return arguments_; }

    // A notice, if that is all there is to do. An error is one of usage.
    Result<std::optional<Notice>> parse(int argc, const char* const* argv);

private:
    std::unique_ptr<CLI::App> app_;
    Arguments arguments_;
};

} // namespace portknocko
