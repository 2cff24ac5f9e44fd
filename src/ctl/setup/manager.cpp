// SPDX-License-Identifier: GPL-2.0-or-later
#include "manager.hpp"

#include "program.hpp"

#include <fstream>

namespace portknocko::setup {
namespace {

bool ufw_is_enabled() {
    std::ifstream settings("/etc/ufw/ufw.conf");
    for (std::string line; std::getline(settings, line);)
        if (line == "ENABLED=yes")
            return true;
    return false;
}

bool unit_is_active(const std::string& unit) {
    const auto outcome = firewall::run_program({"systemctl", "--quiet", "is-active", unit});
    return outcome && outcome->status == 0;
}

} // namespace

std::optional<std::string> firewall_manager() {
    if (ufw_is_enabled())
        return "ufw";
    if (unit_is_active("firewalld.service"))
        return "firewalld";
    return std::nullopt;
}

std::string describe_manager(const std::string& manager) {
    return manager +
           " keeps the firewall here: these rules go, or lose their place, when it loads its own. "
           "How to\nhave doors with it: /usr/share/doc/portknocko/docs/recipes/" +
           manager + ".md\n";
}

} // namespace portknocko::setup
