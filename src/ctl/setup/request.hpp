// SPDX-License-Identifier: GPL-2.0-or-later
// What was asked for, on the command line or in a dialogue.
#pragma once

#include "plan.hpp"
#include "result.hpp"

#include <functional>
#include <optional>

namespace portknocko::setup {

struct Options {
    std::optional<std::uint16_t> port;
    std::optional<std::string> door;
    std::optional<std::string> sequence; // "2002,2001,2004"; empty: make one
    bool spa = false;
    std::optional<std::uint16_t> knock_port; // of --spa
    std::optional<std::chrono::seconds> ttl;
    std::optional<std::string> client_source; // the client's address, as this machine sees it
    std::optional<std::string> backend;       // "nft", "legacy"
    std::chrono::seconds patience{60};
    std::optional<std::string> confirm; // a token: all else is done
    bool yes = false;                   // ask nothing
    bool dry_run = false;
    bool json = false;
};

// Asks a question with a proposed answer; an error if there is no one to ask.
using Ask =
    std::function<Result<std::string>(const std::string& question, const std::string& proposal)>;

// Makes the plan: what is not among the options is asked for, ports that nobody named are made up.
// `taken` tells whether a service listens at a port.
Result<Plan> make_plan(const Options& options, const Ask& ask,
                       const std::function<bool(std::uint16_t)>& taken);

} // namespace portknocko::setup
