// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

namespace portknocko::setup {

// The program that keeps this machine's firewall, "ufw" or "firewalld", if one does: others' rules
// are in its way, and gone when it loads its own.
std::optional<std::string> firewall_manager();

// What there is to say of it.
std::string describe_manager(const std::string& manager);

} // namespace portknocko::setup
