// SPDX-License-Identifier: GPL-2.0-or-later
#include "ruleset.hpp"

#include <doctest/doctest.h>

using namespace portknocko;
using namespace portknocko::check;

namespace {

Rule parsed_rule(const std::string& line) {
    auto ruleset = parse_ruleset("*filter\n" + line + "\n", Family::ipv4, "test");
    REQUIRE(ruleset);
    return ruleset->tables.front().chains.at("INPUT").rules.front();
}

std::string complaint(const std::string& text) {
    auto ruleset = parse_ruleset(text, Family::ipv4, "saved");
    REQUIRE_FALSE(ruleset);
    return ruleset.error().message;
}

template <typename T>
T match(const Rule& rule, std::size_t index) {
    REQUIRE(index < rule.matches.size());
    REQUIRE(std::holds_alternative<T>(rule.matches[index]));
    return std::get<T>(rule.matches[index]);
}

} // namespace

TEST_CASE("matches keep their order") {
    const Rule rule =
        parsed_rule("-A INPUT -s 192.0.2.0/24 ! -i lo -p tcp -m state --state NEW -m pknock "
                    "--knockports 2002,2001 --name SSH -m tcp --dport 22 -j ACCEPT");
    REQUIRE(rule.matches.size() == 6);
    CHECK(match<SourceMatch>(rule, 0).address == "192.0.2.0/24");
    CHECK(match<InterfaceMatch>(rule, 1).negated);
    CHECK(match<ProtocolMatch>(rule, 2).protocol == "tcp");
    CHECK(match<StateMatch>(rule, 3).states == std::vector<std::string>{"NEW"});
    CHECK(match<DoorMatch>(rule, 4).knocks == std::vector<KnockPort>{{"tcp", 2002}, {"tcp", 2001}});
    CHECK(match<PortMatch>(rule, 5).ranges.front().contains(22));
    CHECK(rule.target == "ACCEPT");
    CHECK(rule.line == 2);
}

TEST_CASE("options of a door") {
    const Rule rule =
        parsed_rule("-A INPUT -m pknock --knockports tcp/2002,udp/2001 --name -t --strict "
                    "--ttl 0 --mask 24 --once");
    const DoorMatch door = *rule.door();
    CHECK(door.name == "-t");
    CHECK(door.knocks == std::vector<KnockPort>{{"tcp", 2002}, {"udp", 2001}});
    CHECK(door.strict);
    CHECK(door.once);
    CHECK_FALSE(door.bounded);
    CHECK(door.mask == 24U);
    CHECK(rule.target.empty());
    CHECK(parsed_rule("-A INPUT -m pknock --checkip --name A").door()->knocks.empty());
    CHECK(parsed_rule("-A INPUT -p udp -m pknock --knockports 1 --name A --autoclose 2")
              .door()
              ->bounded);
}

TEST_CASE("secrets are hidden, whatever they look like") {
    const Rule rule = parsed_rule("-A INPUT -p udp -m pknock --knockports 2000 --name SSH "
                                  "--opensecret \"two \\\"words\" --closesecret --name -j DROP");
    CHECK(rule.text == "-A INPUT -p udp -m pknock --knockports 2000 --name SSH "
                       "--opensecret (hidden) --closesecret (hidden) -j DROP");
    CHECK(rule.door()->name == "SSH");
    CHECK(rule.door()->opensecret->size == 10);
    CHECK(rule.door()->closesecret->size == 6);
    CHECK(rule.target == "DROP");
}

TEST_CASE("two doors in one rule keep their own ports, -p may come last") {
    const Rule rule =
        parsed_rule("-A INPUT -m pknock --checkip --name A -m pknock --knockports 7 -p udp "
                    "--name B");
    CHECK(match<DoorMatch>(rule, 0).knocks.empty());
    CHECK(match<DoorMatch>(rule, 1).name == "B");
    CHECK(match<DoorMatch>(rule, 1).knocks == std::vector<KnockPort>{{"udp", 7}});
}

TEST_CASE("port conditions of all modules") {
    const Rule several =
        parsed_rule("-A INPUT -p tcp -m multiport --dports 22,80:90,1000: -j ACCEPT");
    const auto& ranges = several.ports()->ranges;
    REQUIRE(ranges.size() == 3);
    CHECK(ranges[1].contains(85));
    CHECK(ranges[2].contains(UINT16_MAX));
    CHECK(parsed_rule("-A INPUT -p tcp -m tcp ! --dport :1024").ports()->negated);
    match<OtherMatch>(parsed_rule("-A INPUT -m tcp --dport ssh"), 0);
    match<OtherMatch>(parsed_rule("-A INPUT -m tcp --sport 22"), 0);
    match<OtherMatch>(parsed_rule("-A INPUT -m set --match-set a src"), 0);
    match<SynMatch>(parsed_rule("-A INPUT -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"), 0);
    match<OtherMatch>(parsed_rule("-A INPUT -m tcp --tcp-flags SYN,ACK SYN"), 0);
}

TEST_CASE("comments and a target's options ask nothing") {
    CHECK(parsed_rule("-A INPUT -m comment --comment \"-j DROP\" -j LOG --log-prefix -p")
              .matches.empty());
    CHECK(parsed_rule("-A INPUT -g OWN").is_goto);
}

TEST_CASE("a listing has tables, chains, counters, comments") {
    const auto ruleset = parse_ruleset("# Generated\n*mangle\n:PREROUTING ACCEPT [1:2]\nCOMMIT\n\n"
                                       "*filter\r\n:INPUT DROP [0:0]\r\n:OWN - [0:0]\n"
                                       "[3:4] -A OWN -j RETURN\nCOMMIT\n# Completed",
                                       Family::ipv6, "saved");
    REQUIRE(ruleset);
    REQUIRE(ruleset->tables.size() == 2);
    CHECK(ruleset->table("filter")->chains.at("INPUT").policy == "DROP");
    CHECK(ruleset->table("filter")->chains.at("OWN").rules.front().target == "RETURN");
    CHECK(ruleset->table("nat") == nullptr);
}

TEST_CASE("what is no listing names its line") {
    CHECK(complaint("-A INPUT\n") == "saved:1: neither a table (\"*filter\") nor a comment");
    CHECK(complaint("*filter\nCOMMIT\n-A INPUT") ==
          "saved:3: neither a table (\"*filter\") nor a comment");
    CHECK(complaint("*filter\n\n-A INPUT -j \"A\n") == "saved:3: a quote is not closed");
    CHECK(complaint("*filter\n-D INPUT\n") == "saved:2: not a line of iptables-save");
    CHECK(complaint("*filter\n-A\n") == "saved:2: not a line of iptables-save");
    CHECK(complaint("*filter\n-A INPUT -m pknock --knockports 70000\n") ==
          "saved:2: \"70000\" is not a knock port");
}

TEST_CASE("no bytes harm the parser") {
    for (const std::string text :
         {"*\n", "*filter\n:\n", "*filter\n: \n", "*filter\n[\n", "*filter\n-A INPUT !\n",
          "*filter\n-A INPUT -m\n", "*filter\n-A INPUT -m pknock -m pknock --name\n",
          "*filter\n-A \"\" -m pknock ! --opensecret\n", "*filter\n\"\"\n",
          "*filter\n-A INPUT \"\"\n"}) {
        CAPTURE(text);
        (void)parse_ruleset(text, Family::ipv4, "any");
    }
}
