// SPDX-License-Identifier: GPL-2.0-or-later
#include "lints.hpp"

#include "walk.hpp"

#include <algorithm>

namespace portknocko::check {
namespace {

std::string hook_of(const DoorRule& at) {
    const auto leading = leading_to(*at.table, at.rule->chain);
    return leading.contains("FORWARD") && !leading.contains("INPUT") ? "FORWARD" : "INPUT";
}

// The ports that a rule guards: a packet to the first of each range.
std::vector<std::uint16_t> guarded_ports(const DoorRule& at) {
    std::vector<std::uint16_t> ports;
    const PortMatch* match = at.rule->ports();
    if (at.table->name == "filter" && at.rule->target == "ACCEPT" && match != nullptr &&
        !match->negated)
        for (const PortRange range : match->ranges)
            ports.push_back(range.first);
    return ports;
}

Probe probe_of(const DoorRule& at, std::uint16_t port) {
    Probe probe;
    probe.protocol = at.rule->protocol().value_or("tcp");
    probe.port = port;
    return probe;
}

std::string port_name(const Probe& probe) {
    return probe.protocol + "/" + std::to_string(*probe.port);
}

std::string by(const Rule* decider) {
    return decider == nullptr ? "the policy" : "\"" + decider->text + "\"";
}

void lint_established(const DoorRule& at, std::uint16_t port, Findings& findings) {
    Probe probe = probe_of(at, port);
    probe.state = "ESTABLISHED";
    const Journey shut = travel(*at.ruleset, hook_of(at), probe);
    if (shut.verdict != Verdict::drop)
        return;
    probe.door_open = true;
    const bool always = travel(*at.ruleset, hook_of(at), probe).verdict == Verdict::drop;
    Finding finding =
        at.finding("established-missing", always ? Severity::error : Severity::warning);
    finding.reason = "packets of established connections to " + port_name(probe) +
                     " are dropped by " + by(shut.decider) +
                     (always ? ": no connection gets beyond its first packet"
                             : " once the door is closed: connections die with it");
    finding.remedy = "before this rule: -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT";
    findings.push_back(std::move(finding));
}

void lint_open_anyway(const DoorRule& at, std::uint16_t port, Findings& findings) {
    const Probe probe = probe_of(at, port);
    const Journey journey = travel(*at.ruleset, hook_of(at), probe);
    if (journey.verdict != Verdict::accept)
        return;
    Finding finding = at.finding("open-anyway", Severity::error);
    finding.reason =
        port_name(probe) + " is accepted by " + by(journey.decider) + " without any knock";
    finding.remedy = "drop what the door does not let in: -P INPUT DROP, or a rule after this one";
    findings.push_back(std::move(finding));
}

void lint_loopback(const DoorRule& at, Findings& findings) {
    Probe probe;
    probe.protocol = "tcp";
    probe.loopback = true;
    const Journey journey = travel(*at.ruleset, "INPUT", probe);
    if (journey.verdict != Verdict::drop)
        return;
    Finding finding = at.finding("loopback-dropped", Severity::warning);
    finding.door.clear();
    finding.rule = journey.decider != nullptr ? journey.decider->text : "";
    finding.reason =
        "programs of this machine cannot connect to each other: " + by(journey.decider) +
        " drops what comes through lo";
    finding.remedy = "iptables -I INPUT 1 -i lo -j ACCEPT";
    findings.push_back(std::move(finding));
}

std::string obstacle_reason(const Arrival& arrival, const std::string& knock) {
    switch (arrival.obstacle) {
    case Arrival::Obstacle::own_match:
        return "what stands before -m pknock in this rule keeps the knock at " + knock +
               " away from it";
    case Arrival::Obstacle::decided:
        return "the knock at " + knock + " never gets here: " + by(arrival.by) + " comes first";
    default:
        return arrival.by != nullptr
                   ? "the knock at " + knock + " is not let into this chain by " + by(arrival.by)
                   : "no chain that packets go through leads here";
    }
}

std::string obstacle_remedy(Arrival::Obstacle obstacle) {
    switch (obstacle) {
    case Arrival::Obstacle::own_match:
        return "write ports, states and the like that knocks do not have after -m pknock";
    case Arrival::Obstacle::decided:
        return "move this rule before that one";
    default:
        return "jump here without conditions on ports and states";
    }
}

void lint_arrival(const DoorRule& at, Findings& findings) {
    for (const KnockPort& knock : at.door->knocks) {
        Probe probe;
        probe.protocol = knock.protocol;
        probe.port = knock.port;
        const Arrival arrival = arrive(*at.ruleset, *at.rule, probe);
        if (arrival.obstacle == Arrival::Obstacle::none)
            continue;
        const char* id = arrival.obstacle == Arrival::Obstacle::own_match ? "knock-after-match"
                         : arrival.obstacle == Arrival::Obstacle::decided ? "knock-decided"
                                                                          : "knock-not-led";
        Finding finding = at.finding(id, Severity::error);
        finding.reason =
            obstacle_reason(arrival, knock.protocol + "/" + std::to_string(knock.port));
        finding.remedy = obstacle_remedy(arrival.obstacle);
        findings.push_back(std::move(finding));
        return; // the first one tells
    }
}

} // namespace

void lint_knocks(const std::vector<DoorRule>& rules, Findings& findings) {
    for (const DoorRule& at : rules)
        lint_arrival(at, findings);
}

void lint_traffic(const std::vector<DoorRule>& rules, Findings& findings) {
    for (const DoorRule& at : rules)
        for (const std::uint16_t port : guarded_ports(at)) {
            lint_established(at, port, findings);
            lint_open_anyway(at, port, findings);
        }
    if (!rules.empty())
        lint_loopback(rules.front(), findings);
}

void lint_twin(const std::vector<DoorRule>& rules, const Ruleset& other, Findings& findings) {
    const std::string name = other.family == Family::ipv4 ? "IPv4" : "IPv6";
    std::set<std::string> known; // their own ruleset's findings tell of these
    for (const DoorRule& at : door_rules(other))
        known.insert(at.door->name);
    for (const DoorRule& at : rules) {
        if (known.contains(at.door->name))
            continue;
        for (const std::uint16_t port : guarded_ports(at)) {
            const Probe probe = probe_of(at, port);
            const Journey journey = travel(other, hook_of(at), probe);
            if (journey.verdict != Verdict::accept)
                continue;
            Finding finding = at.finding("twin-missing", Severity::error);
            finding.reason = port_name(probe) + " is behind a door here, but in " + name + " " +
                             by(journey.decider) + " accepts it without any knock";
            finding.remedy = "write the same rules for " + name;
            findings.push_back(std::move(finding));
        }
    }
}

void lint_listeners(const std::vector<DoorRule>& rules, const std::vector<Listener>& listeners,
                    Findings& findings) {
    for (const DoorRule& at : rules)
        for (const KnockPort& knock : at.door->knocks) {
            const Listener wanted{knock.protocol, knock.port};
            if (std::find(listeners.begin(), listeners.end(), wanted) == listeners.end())
                continue;
            Finding finding = at.finding("port-in-use", Severity::warning);
            finding.reason = "a service listens on the knock port " + knock.protocol + "/" +
                             std::to_string(knock.port) + ": its clients knock without knowing";
            finding.remedy = "take a port on which nothing listens";
            findings.push_back(std::move(finding));
        }
}

} // namespace portknocko::check
