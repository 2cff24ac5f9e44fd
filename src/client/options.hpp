// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "address.hpp"
#include "command_line.hpp"
#include "knock.hpp"
#include "result.hpp"
#include "secret_source.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace portknocko {

struct SequenceCommand {
    std::vector<Knock> knocks;
    std::chrono::milliseconds delay{0};
};

struct TokenCommand {
    std::uint16_t port;
    SecretSource secret;
    std::optional<Address> source;
};

struct Options {
    std::string name; // of the command
    std::string host;
    int family; // AF_INET, AF_INET6 or AF_UNSPEC
    bool dry_run;
    bool json;
    bool verbose;
    std::variant<SequenceCommand, TokenCommand> command;
};

Result<std::variant<Options, Notice>> parse_options(int argc, const char* const* argv);

} // namespace portknocko
