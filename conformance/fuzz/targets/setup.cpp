// SPDX-License-Identifier: GPL-2.0-or-later
// The dialogue of "pknockctl setup": whatever is answered, rules come of it that iptables-restore
// takes, and that guard the port that was asked for.
#include "fuzz.hpp"

#include <algorithm>
#include <door.hpp>
#include <request.hpp>
#include <ruleset.hpp>
#include <sys/random.h>

using namespace portknocko;
using namespace portknocko::setup;

namespace {

std::uint64_t random_state = 0;

} // namespace

// Ports that are made up are the same for the same input.
extern "C" ssize_t getrandom(void* buffer, size_t size, unsigned /*flags*/) {
    for (size_t i = 0; i < size; i++) {
        random_state = random_state * 6364136223846793005U + 1442695040888963407U;
        static_cast<std::uint8_t*>(buffer)[i] = static_cast<std::uint8_t>(random_state >> 56U);
    }
    return static_cast<ssize_t>(size);
}

namespace {

Options read_options(fuzz::Input& input) {
    Options options;
    if (input.flag())
        options.port = input.number<std::uint16_t>() | 1U; // the command line lets no 0 through
    if (input.flag())
        options.door = input.text_until('\n');
    if (input.flag())
        options.sequence = input.text_until('\n');
    options.spa = input.flag();
    if (input.flag())
        options.knock_port = input.number<std::uint16_t>() | 1U;
    if (input.flag())
        options.ttl = std::chrono::seconds(input.number<std::uint32_t>() | 1U);
    return options;
}

// `before` has the jump already, which would be inserted, a thing that iptables-save never prints.
void require_guarded(const Plan& plan, const SecretTexts& secrets, const std::string& before) {
    const auto ruleset =
        check::parse_ruleset(rules_text(plan, secrets, before), check::Family::ipv4, "setup");
    REQUIRE(ruleset && ruleset->tables.size() == 1);
    const auto& rules = ruleset->tables.front().chains.at(plan.chain()).rules;
    const auto door = std::find_if(rules.begin(), rules.end(),
                                   [](const check::Rule& rule) { return rule.door() != nullptr; });
    REQUIRE(door != rules.end() && door->door()->name == plan.door);
    REQUIRE(rules.back().target == "DROP" &&
            rules.back().ports()->ranges.front().contains(plan.port));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    random_state = 0;
    const Options options = read_options(input);
    const auto ask = [&](const std::string&, const std::string& proposal) -> Result<std::string> {
        if (input.empty())
            return Error{ExitCode::usage, "no answer"};
        const std::string answer = input.text_until('\n');
        return answer.empty() ? proposal : answer;
    };
    const auto plan = make_plan(options, ask, [](std::uint16_t port) { return port % 7 == 0; });
    if (!plan)
        return 0;
    REQUIRE(is_door_name(plan->door) && plan->chain().size() <= 28);
    REQUIRE(plan->port != 0 && plan->ttl.count() > 0);
    const std::string jump = "-A INPUT -j " + plan->chain() + "\n";
    const SecretTexts secrets{"open \"one\\", "close"};
    require_guarded(*plan, secrets, jump);
    // The way back from what was loaded leads to what was before.
    const std::string before = input.rest();
    REQUIRE(undo_text(plan->chain(), before, before).empty());
    (void)undo_text(plan->chain(), before, jump + ":" + plan->chain() + " - [0:0]\n");
    return 0;
}
