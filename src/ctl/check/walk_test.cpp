// SPDX-License-Identifier: GPL-2.0-or-later
#include "walk.hpp"

#include <doctest/doctest.h>

using namespace portknocko;
using namespace portknocko::check;

namespace {

Ruleset filter(const std::string& rules, const std::string& policy = "DROP") {
    auto ruleset =
        parse_ruleset("*filter\n:INPUT " + policy + " [0:0]\n:FORWARD ACCEPT [0:0]\n" + rules,
                      Family::ipv4, "test");
    REQUIRE(ruleset);
    return *std::move(ruleset);
}

Probe tcp(std::optional<std::uint16_t> port) {
    Probe probe;
    probe.protocol = "tcp";
    probe.port = port;
    return probe;
}

Verdict verdict(const std::string& rules, const Probe& probe) {
    return travel(filter(rules), "INPUT", probe).verdict;
}

Arrival::Obstacle obstacle(const std::string& rules, const std::string& chain, const Probe& probe) {
    const Ruleset ruleset = filter(rules);
    for (const Rule& rule : ruleset.tables.front().chains.at(chain).rules)
        if (rule.door() != nullptr)
            return arrive(ruleset, rule, probe).obstacle;
    FAIL("no door");
    return {};
}

std::string knock() {
    return " -p tcp -m pknock --knockports 2002 --name A";
}

} // namespace

TEST_CASE("rules and policies decide") {
    CHECK(verdict("", tcp(22)) == Verdict::drop);
    CHECK(travel(filter("", "ACCEPT"), "INPUT", tcp(22)).verdict == Verdict::accept);
    CHECK(verdict("-A INPUT -p tcp -m tcp --dport 20:30 -j ACCEPT\n", tcp(22)) == Verdict::accept);
    CHECK(verdict("-A INPUT -p udp -m udp --dport 22 -j ACCEPT\n", tcp(22)) == Verdict::drop);
    CHECK(verdict("-A INPUT ! -p udp -j ACCEPT\n", tcp(22)) == Verdict::accept);
    CHECK(verdict("-A INPUT -j REJECT\n-A INPUT -j ACCEPT\n", tcp(22)) == Verdict::drop);
    CHECK(verdict("-A INPUT -j LOG\n-A INPUT\n-A INPUT -j ACCEPT\n", tcp(22)) == Verdict::accept);
}

TEST_CASE("what may match leaves doubt only where it matters") {
    CHECK(verdict("-A INPUT -m limit --limit 3/min -j ACCEPT\n", tcp(22)) == Verdict::unsure);
    CHECK(verdict("-A INPUT -m limit --limit 3/min -j DROP\n", tcp(22)) == Verdict::drop);
    CHECK(verdict("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", tcp(std::nullopt)) ==
          Verdict::unsure);
    CHECK(verdict("-A INPUT -j NFQUEUE --queue-num 0\n", tcp(22)) == Verdict::unsure);
    CHECK(verdict("-A INPUT -s 192.0.2.1/32 -j ACCEPT\n", tcp(22)) == Verdict::drop);
}

TEST_CASE("states, interfaces and open doors are the packet's") {
    Probe probe = tcp(22);
    const std::string rules = "-A INPUT -i lo -j ACCEPT\n"
                              "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
                              "-A INPUT -m pknock --checkip --name A -j ACCEPT\n";
    CHECK(verdict(rules, probe) == Verdict::drop);
    probe.door_open = true;
    CHECK(verdict(rules, probe) == Verdict::accept);
    probe = tcp(22);
    probe.state = "ESTABLISHED";
    CHECK(verdict(rules, probe) == Verdict::accept);
    probe = tcp(22);
    probe.loopback = true;
    CHECK(verdict(rules, probe) == Verdict::accept);
    CHECK(verdict("-A INPUT -s 127.0.0.0/8 -j ACCEPT\n", probe) == Verdict::accept);
    CHECK(verdict("-A INPUT -i eth0 -j ACCEPT\n", probe) == Verdict::drop);
}

TEST_CASE("chains are jumped to, gone to, returned from") {
    CHECK(verdict("-A OWN -j ACCEPT\n-A INPUT -j OWN\n", tcp(22)) == Verdict::accept);
    CHECK(verdict("-A OWN -j RETURN\n-A OWN -j ACCEPT\n-A INPUT -j OWN\n", tcp(22)) ==
          Verdict::drop);
    CHECK(verdict("-A OWN -j LOG\n-A INPUT -g OWN\n-A INPUT -j ACCEPT\n", tcp(22)) ==
          Verdict::drop);
    CHECK(verdict("-A OWN -j LOG\n-A INPUT -j OWN\n-A INPUT -j ACCEPT\n", tcp(22)) ==
          Verdict::accept);
    CHECK(verdict("-A OWN -m limit --limit 1/s -j RETURN\n-A OWN -j ACCEPT\n-A INPUT -j OWN\n",
                  tcp(22)) == Verdict::unsure);
    CHECK(verdict("-A INPUT -j NOWHERE\n", tcp(22)) == Verdict::drop);
}

TEST_CASE("tables before decide, too") {
    const std::string raw = "COMMIT\n*raw\n:PREROUTING ACCEPT [0:0]\n"
                            "-A PREROUTING -p tcp -m tcp --dport 22 -j DROP\n";
    CHECK(verdict("-A INPUT -j ACCEPT\n" + raw, tcp(22)) == Verdict::drop);
    CHECK(verdict("-A INPUT -j ACCEPT\n" + raw, tcp(23)) == Verdict::accept);
    CHECK(obstacle("-A INPUT" + knock() + "\n" + raw, "INPUT", tcp(22)) ==
          Arrival::Obstacle::decided);
}

TEST_CASE("knocks arrive, or something is in their way") {
    using Obstacle = Arrival::Obstacle;
    const Probe probe = tcp(2002);
    CHECK(obstacle("-A INPUT" + knock() + " -m tcp --dport 22 -j ACCEPT\n", "INPUT", probe) ==
          Obstacle::none);
    CHECK(obstacle("-A INPUT -m tcp --dport 22" + knock() + "\n", "INPUT", probe) ==
          Obstacle::own_match);
    CHECK(obstacle("-A INPUT -m limit --limit 1/s" + knock() + "\n", "INPUT", probe) ==
          Obstacle::none);
    CHECK(obstacle("-A INPUT -j DROP\n-A INPUT" + knock() + "\n", "INPUT", probe) ==
          Obstacle::decided);
    CHECK(obstacle("-A INPUT -m limit --limit 1/s -j DROP\n-A INPUT" + knock() + "\n", "INPUT",
                   probe) == Obstacle::none);
    CHECK(obstacle("-A OWN" + knock() + "\n", "OWN", probe) == Obstacle::no_way);
    CHECK(obstacle("-A OWN" + knock() + "\n-A FORWARD -j OWN\n", "OWN", probe) == Obstacle::none);
    CHECK(obstacle("-A OWN" + knock() +
                       "\n-A INPUT -p tcp -m tcp --dport 22 -j OWN\n"
                       "-A INPUT -j DROP\n",
                   "OWN", probe) == Obstacle::no_way);
}

TEST_CASE("the rule in the way is named") {
    const Ruleset ruleset = filter("-A OWN" + knock() +
                                   "\n-A MID -j OWN\n"
                                   "-A INPUT -m tcp --dport 22 -j MID\n-A INPUT -j DROP\n");
    const Rule& rule = ruleset.tables.front().chains.at("OWN").rules.front();
    CHECK(arrive(ruleset, rule, tcp(2002)).by->text == "-A INPUT -m tcp --dport 22 -j MID");
    CHECK(leading_to(ruleset.tables.front(), "OWN") ==
          std::set<std::string>{"OWN", "MID", "INPUT"});
}

TEST_CASE("rules that go round, or have too many ways, end") {
    CHECK(verdict("-A A -j B\n-A B -j A\n-A INPUT -j A\n", tcp(22)) == Verdict::drop);
    std::string rules;
    for (int i = 0; i < 60; ++i)
        for (int twice = 0; twice < 2; ++twice)
            rules += "-A C" + std::to_string(i) + " -j C" + std::to_string(i + 1) + "\n";
    CHECK(verdict(rules + "-A INPUT -j C0\n", tcp(22)) == Verdict::unsure);
}
