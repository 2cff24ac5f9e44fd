// SPDX-License-Identifier: GPL-2.0-or-later
// What iptables-save may print, read by "pknockctl check", looked at by every lint and shown. No
// secret of a door is in what is shown.
#include "fuzz.hpp"

#include <check.hpp>
#include <lints.hpp>
#include <words.hpp>

using namespace portknocko;
using namespace portknocko::check;

namespace {

constexpr std::string_view secret = "Uncommon-Secret";

// A line that is a rule with secrets, whatever comes after them.
const std::string rule_with_secrets =
    "-A INPUT -p udp -m pknock --knockports 2000 --name SSH --opensecret " + std::string(secret) +
    "-1 --closesecret \"" + std::string(secret) + " 2\"";

// The byte 1 at the beginning of a line stands for such a rule.
std::string with_secrets(std::string text) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret))
        text.erase(at, 1);
    std::string result;
    bool begins = true;
    for (const char c : text) {
        if (begins && c == '\1')
            result += rule_with_secrets;
        else
            result += c;
        begins = c == '\n';
    }
    return result;
}

void require_hidden(const std::string& shown) {
    REQUIRE(shown.find(secret) == std::string::npos);
}

void show(const Ruleset& ruleset) {
    const Report report = check_rulesets({ruleset}, {{"tcp", 22}, {"udp", 2000}});
    REQUIRE(report.doors == door_rules(ruleset).size());
    require_hidden(to_text(report));
    require_hidden(to_json(report));
    for (const Table& table : ruleset.tables)
        for (const auto& [name, chain] : table.chains)
            for (const Rule& rule : chain.rules) {
                require_hidden(rule.text);
                REQUIRE(rule.chain == name && rule.line > 0);
            }
}

// What is quoted as iptables-save does is split as iptables-restore does.
void require_words(const std::string& line) {
    const auto words = split_words(line);
    if (!words)
        return;
    std::string again;
    for (const std::string& word : *words)
        again += quote_word(word) + " ";
    const auto split = split_words(again);
    REQUIRE(split && *split == *words);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const Family family = input.flag() ? Family::ipv6 : Family::ipv4;
    const std::string text = with_secrets(input.rest());
    require_words(text);
    const auto ruleset = parse_ruleset(text, family, "saved");
    if (ruleset)
        show(*ruleset);
    else
        require_hidden(ruleset.error().message);
    return 0;
}
