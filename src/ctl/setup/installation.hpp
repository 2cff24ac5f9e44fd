// SPDX-License-Identifier: GPL-2.0-or-later
// A plan's rules on their way into the kernel and out of it, both families.
#pragma once

#include "plan.hpp"
#include "result.hpp"

#include <map>

namespace portknocko::setup {

class Installation {
public:
    // Notes how rules are now and tries what would be loaded, without loading it.
    static Result<Installation> prepare(const Plan& plan, const SecretTexts& secrets,
                                        firewall::Backend backend);

    // Loads the rules: of a family all or none.
    Status apply() const;
    // Takes the plan's chain to what it was at first, whatever of it was loaded.
    Status undo() const;

private:
    Installation(firewall::Backend backend, std::string chain)
        : backend_(backend), chain_(std::move(chain)) {}

    firewall::Backend backend_;
    std::string chain_;
    std::map<firewall::Family, std::string> before_;
    std::map<firewall::Family, std::string> rules_;
};

} // namespace portknocko::setup
