// SPDX-License-Identifier: GPL-2.0-or-later
#include "installation.hpp"

namespace portknocko::setup {

using firewall::Family;

Result<Installation> Installation::prepare(const Plan& plan, const SecretTexts& secrets,
                                           firewall::Backend backend) {
    Installation installation(backend, plan.chain());
    for (const Family family : firewall::families()) {
        Result<std::string> saved = firewall::save_rules(family, backend, "filter");
        if (!saved)
            return saved.error();
        std::string rules = rules_text(plan, secrets, *saved);
        if (const Status status = firewall::restore_rules(family, backend, rules, true); !status)
            return status.error();
        installation.before_[family] = *std::move(saved);
        installation.rules_[family] = std::move(rules);
    }
    return installation;
}

Status Installation::apply() const {
    for (const auto& [family, rules] : rules_)
        if (const Status status = firewall::restore_rules(family, backend_, rules); !status)
            return status.error();
    return Done{};
}

Status Installation::undo() const {
    Status outcome = Done{};
    for (const auto& [family, before] : before_) {
        const Result<std::string> now = firewall::save_rules(family, backend_, "filter");
        if (!now) {
            outcome = now.error();
            continue;
        }
        const std::string text = undo_text(chain_, before, *now);
        if (text.empty())
            continue;
        if (const Status status = firewall::restore_rules(family, backend_, text); !status)
            outcome = status.error();
    }
    return outcome;
}

} // namespace portknocko::setup
