// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>

using namespace portknocko;
using namespace portknocko::check;

namespace {

using Ids = std::multiset<std::string>;

Ruleset parsed(const std::string& text, Family family = Family::ipv4) {
    auto ruleset = parse_ruleset(text, family, "saved");
    REQUIRE(ruleset);
    return *std::move(ruleset);
}

// A server that does all well around the rules in question.
Ruleset server(const std::string& rules, Family family = Family::ipv4) {
    return parsed("*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n"
                  "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n" +
                      rules + "COMMIT\n",
                  family);
}

Ids ids(const Report& report) {
    Ids found;
    for (const Finding& finding : report.findings)
        found.insert(finding.id);
    return found;
}

Ids ids(const Ruleset& ruleset) {
    return ids(check_rulesets({ruleset}, {}));
}

std::string secrets() {
    return " --opensecret 0123456789abcdef0 --closesecret 0123456789abcdef1";
}

std::string good_knock() {
    return "-p tcp -m pknock --knockports 2002,2001,2004 --name SSH --ttl 30";
}

std::string spa_knock() {
    return "-A INPUT -p udp -m pknock --knockports 2000 --name SSH --ttl 30 --opensecret "
           "0123456789abcdef0 "
           "--closesecret 0123456789abcdef1 -j DROP\n";
}

std::string spa_check() {
    return "-A INPUT -p tcp -m pknock --checkip --name SSH -m tcp --dport 22 -j ACCEPT\n";
}

} // namespace

TEST_CASE("good rules have no findings") {
    CHECK(ids(server("-A INPUT " + good_knock() + " -m tcp --dport 22 -j ACCEPT\n")) == Ids{});
    CHECK(ids(server(spa_knock() + spa_check())) == Ids{});
    CHECK(ids(parsed("")) == Ids{});
}

TEST_CASE("the project's first example wants loopback and an end") {
    CHECK(ids(parsed("*filter\n:INPUT DROP [0:0]\n"
                     "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
                     "-A INPUT -p tcp -m state --state NEW -m pknock --knockports 2002,2001,2004 "
                     "--name SSH -m tcp --dport 22 -j ACCEPT\nCOMMIT\n")) ==
          Ids{"loopback-dropped", "never-closes"});
}

TEST_CASE("knocks that do not arrive") {
    CHECK(ids(server("-A INPUT -p tcp -m tcp --dport 22 -m pknock --knockports 2002,2001,2004 "
                     "--name SSH --ttl 30 -j ACCEPT\n")) == Ids{"knock-after-match"});
    CHECK(ids(server("-A INPUT -p tcp -j DROP\n-A INPUT " + good_knock() +
                     " -m tcp --dport 22 -j ACCEPT\n")) == Ids{"knock-decided"});
    CHECK(ids(server("-A OWN " + good_knock() +
                     " -j ACCEPT\n"
                     "-A INPUT -p tcp -m tcp --dport 22 -j OWN\n")) == Ids{"knock-not-led"});
    CHECK(ids(server("-A INPUT -m conntrack --ctstate ESTABLISHED " + good_knock() +
                     " -m tcp --dport 22 -j ACCEPT\n")) == Ids{"knock-after-match"});
}

TEST_CASE("connections that would die") {
    const std::string head = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT ";
    const Report mild =
        check_rulesets({parsed(head + good_knock() + " -m tcp --dport 22 -j ACCEPT\n")}, {});
    CHECK(ids(mild) == Ids{"established-missing"});
    CHECK(mild.findings.front().severity == Severity::warning);
    const Report grave = check_rulesets(
        {parsed(head + "-m state --state NEW " + good_knock() + " -m tcp --dport 22 -j ACCEPT\n")},
        {});
    CHECK(ids(grave) == Ids{"established-missing"});
    CHECK(grave.findings.front().severity == Severity::error);
}

TEST_CASE("ports that are open anyway") {
    const std::string rule = "-A INPUT " + good_knock() + " -m tcp --dport 22 -j ACCEPT\n";
    CHECK(ids(server(rule + "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n")) ==
          Ids{"open-anyway"});
    CHECK(ids(parsed("*filter\n:INPUT ACCEPT [0:0]\n" + rule)) == Ids{"open-anyway"});
}

TEST_CASE("doors that are half there") {
    CHECK(ids(server(spa_check())) == Ids{"never-knocked"});
    CHECK(ids(server(spa_knock())) == Ids{"never-checked"});
    CHECK(ids(parsed("*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING " + good_knock() +
                     " -m tcp --dport 22 -j MARK --set-xmark 0x1/0xffffffff\n")) == Ids{});
    CHECK(ids(server("-A INPUT -p udp -m pknock --knockports 2000 --name SSH --ttl 30 --mask 24" +
                     secrets() + " -j DROP\n" + spa_check())) == Ids{"mask-differs"});
}

TEST_CASE("secrets") {
    const Report report = check_rulesets(
        {server("-A INPUT -p udp -m pknock --knockports 2000 --name SSH --ttl 30 --opensecret "
                "swordfish --closesecret 0123456789abcdef1 -j DROP\n" +
                spa_check())},
        {});
    CHECK(ids(report) == Ids{"secret-short"});
    CHECK(to_text(report).find("swordfish") == std::string::npos);
    CHECK(to_json(report).find("swordfish") == std::string::npos);

    CHECK(ids(server(spa_knock() + spa_check() +
                     "-A INPUT -p udp -m pknock --knockports 2001 --name WEB --ttl 30" + secrets() +
                     " -j DROP\n"
                     "-A INPUT -m pknock --checkip --name WEB -j ACCEPT\n")) ==
          Ids{"secret-shared", "secret-shared"});
}

TEST_CASE("the two families of one machine") {
    const Ruleset ipv4 = server(spa_knock() + spa_check());
    const Ruleset bare = parsed("", Family::ipv6);
    const Ruleset shut = parsed("*filter\n:INPUT DROP [0:0]\nCOMMIT\n", Family::ipv6);
    CHECK(ids(check_rulesets({ipv4, bare}, {})) == Ids{"twin-missing"});
    CHECK(ids(check_rulesets({ipv4, shut}, {})) == Ids{});
    CHECK(ids(check_rulesets({ipv4, server(spa_knock() + spa_check(), Family::ipv6)}, {})) ==
          Ids{});
    const Ruleset single =
        parsed("*filter\n:INPUT ACCEPT [0:0]\n" + spa_knock() + spa_check(), Family::ipv6);
    CHECK(ids(check_rulesets({ipv4, single}, {})) == Ids{"open-anyway"});
}

TEST_CASE("services on knock ports") {
    const Ruleset ruleset = server("-A INPUT " + good_knock() + " -m tcp --dport 22 -j ACCEPT\n");
    CHECK(ids(check_rulesets({ruleset}, {{"tcp", 22}, {"tcp", 2001}, {"udp", 2002}})) ==
          Ids{"port-in-use"});
}

TEST_CASE("scans") {
    CHECK(ids(server("-A INPUT -p tcp -m pknock --knockports 2001,2002,2004 --name SSH --ttl 30 "
                     "-m tcp --dport 22 -j ACCEPT\n")) == Ids{"scan-opens"});
}

TEST_CASE("the report: errors first, hints are no findings") {
    const Report hint =
        check_rulesets({server("-A INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH "
                               "-m tcp --dport 22 -j ACCEPT\n")},
                       {});
    CHECK(ids(hint) == Ids{"never-closes"});
    CHECK(hint.clean());
    CHECK(to_text(Report{}) == "no rule has -m pknock\n");

    Report report = check_rulesets({server("-A INPUT -p tcp -m tcp --dport 22 -m pknock "
                                           "--knockports 2001 --name \"\xff\" -j ACCEPT\n")},
                                   {});
    CHECK_FALSE(report.clean());
    CHECK(report.findings.front().severity == Severity::error);
    const auto json = nlohmann::json::parse(to_json(report));
    CHECK(json.at("rules") == 1);
    CHECK(json.at("findings").size() == 3);
    CHECK(json.at("findings")[0].at("id") == "knock-after-match");
    CHECK(json.at("findings")[0].at("family") == "ipv4");
}
