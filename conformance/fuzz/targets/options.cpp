// SPDX-License-Identifier: GPL-2.0-or-later
// pknock's command line, any words in any order, and the plan that comes of it.
#include "fuzz.hpp"

#include <options.hpp>
#include <report.hpp>

using namespace portknocko;

namespace {

void require_sound(const SequenceCommand& command) {
    REQUIRE(!command.knocks.empty() && command.knocks.size() <= max_knocks);
    REQUIRE(command.delay.count() >= 0 && command.delay.count() <= 60'000);
    for (const Knock& knock : command.knocks)
        REQUIRE(knock.port != 0);
}

void require_sound(const TokenCommand& command, int family) {
    REQUIRE(command.port != 0);
    REQUIRE(!(command.secret.file && command.secret.variable));
    if (command.source) {
        REQUIRE(command.source->is_unicast());
        REQUIRE(family == AF_UNSPEC || family == command.source->family());
    }
}

// As a dry run shows it.
void show(const Options& options) {
    const Address here = Address::from_bytes(std::array<std::uint8_t, 4>{192, 0, 2, 7});
    Plan plan{options.name, options.host, here, here, {}, {}, {}};
    if (const auto* sequence = std::get_if<SequenceCommand>(&options.command)) {
        require_sound(*sequence);
        plan.knocks = sequence->knocks;
        plan.delay = sequence->delay;
    } else {
        const auto& token = std::get<TokenCommand>(options.command);
        require_sound(token, options.family);
        plan.token = TokenClaims{token.source.value_or(here), 29'397'000};
        plan.knocks = {{Protocol::udp, token.port, std::string(64, 'a') + '\n'}};
    }
    REQUIRE(to_json(plan, false).find('\n') == std::string::npos);
    REQUIRE(to_text(plan).starts_with(options.name));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    std::vector<std::string> words{"pknock"};
    while (!input.empty() && words.size() < 32) {
        std::string word = input.text_until('\n');
        word.erase(std::remove(word.begin(), word.end(), '\0'), word.end());
        words.push_back(std::move(word));
    }
    std::vector<const char*> argv;
    for (const std::string& word : words)
        argv.push_back(word.c_str());

    const auto parsed = parse_options(static_cast<int>(argv.size()), argv.data());
    if (!parsed)
        REQUIRE(parsed.error().code == ExitCode::usage && !parsed.error().message.empty());
    else if (const auto* notice = std::get_if<Notice>(&*parsed))
        REQUIRE(!notice->text.empty());
    else
        show(std::get<Options>(*parsed));
    return 0;
}
