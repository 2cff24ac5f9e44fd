// SPDX-License-Identifier: GPL-2.0-or-later
// What people are told.
#pragma once

#include "guard.hpp"
#include "plan.hpp"
#include "secrets.hpp"

#include <optional>

namespace portknocko::setup {

struct Client {
    std::string host;                  // this machine, as the client calls it
    std::optional<std::string> source; // the client's address, as this machine sees it
};

// This machine's address in the SSH session that this runs in, or its name.
std::string host_for_client();

// What is typed on the client: once, to have the secrets there, if the door has any; to come in.
std::string copy_command(const Plan& plan, const Client& client);
std::string open_command(const Plan& plan, const Client& client);

std::string describe(const Plan& plan, const Client& client);
std::string describe_waiting(const std::string& token, std::chrono::seconds patience);
std::string describe(Fate fate);

} // namespace portknocko::setup
