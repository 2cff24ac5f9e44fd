// SPDX-License-Identifier: GPL-2.0-or-later
// iptables as a set of programs: two families, two backends.
#pragma once

#include "result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace portknocko::firewall {

enum class Family { ipv4, ipv6 };
enum class Backend { nft, legacy };

const char* name_of(Family family);
const char* name_of(Backend backend);

// "ip6tables-nft-save", for a family, a backend and what it does; without the backend's name where
// only one iptables is installed and has none.
std::string program(Family family, Backend backend, const std::string& action);

// The families that this machine speaks: IPv6 may be switched off at boot.
std::vector<Family> families();

// Whether a backend may have rules of a family. Asking legacy's programs brings its tables to life,
// so this asks the kernel.
bool in_use(Family family, Backend backend);

// What iptables-save prints, of one table or of all.
Result<std::string> save_rules(Family family, Backend backend, const std::string& table = "");

// Changes rules, all at once or not at all; those that the text does not name stay. With `trial`
// nothing is changed.
Status restore_rules(Family family, Backend backend, std::string_view text, bool trial = false);

// The backend that has rules; if both have, or none, the one that the command "iptables" is.
Result<Backend> choose_backend();

} // namespace portknocko::firewall
