// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as iptables-save lists them, as far as they matter to doors.
#pragma once

#include "iptables.hpp"
#include "result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace portknocko::check {

struct PortRange {
    std::uint16_t first;
    std::uint16_t last;

    bool contains(std::uint16_t port) const { return first <= port && port <= last; }
};

struct KnockPort {
    std::string protocol; // "tcp", "udp"
    std::uint16_t port;

    bool operator==(const KnockPort&) const = default;
};

// What a rule asks of a packet. The kernel asks in the order in which the matches stand.
struct ProtocolMatch {
    std::string protocol;
    bool negated;
};
struct SourceMatch {
    std::string address;
    bool negated;
};
struct InterfaceMatch {
    std::string name;
    bool negated;
};
struct PortMatch { // destination ports
    std::vector<PortRange> ranges;
    bool negated;
};
struct StateMatch { // connection tracking's
    std::vector<std::string> states;
    bool negated;
};
struct SynMatch { // the first segment of a TCP connection
    bool negated;
};
struct OtherMatch {}; // anything else: may match or not

// A secret's size, and what tells it from others. The secret itself is not kept.
struct SecretMark {
    std::size_t size;
    std::size_t hash;
};

struct DoorMatch { // -m pknock
    std::string name;
    std::vector<KnockPort> knocks; // none: the rule only checks
    bool strict = false;
    bool once = false;
    bool bounded = false; // --ttl or --autoclose, and not 0
    std::optional<unsigned> mask;
    std::optional<SecretMark> opensecret;
    std::optional<SecretMark> closesecret;
};

using Match = std::variant<ProtocolMatch, SourceMatch, InterfaceMatch, PortMatch, StateMatch,
                           SynMatch, OtherMatch, DoorMatch>;

struct Rule {
    std::size_t line = 0; // of the listing
    std::string text;     // secrets hidden
    std::string chain;
    std::vector<Match> matches;
    std::string target; // empty: the rule only counts
    bool is_goto = false;

    // The rule's first -m pknock, or null.
    const DoorMatch* door() const;
    // The one that its packets have, if it asks for one.
    std::optional<std::string> protocol() const;
    // Its first condition on destination ports, or null.
    const PortMatch* ports() const;
};

struct Chain {
    std::string policy; // "-" for chains of users
    std::vector<Rule> rules;
};

struct Table {
    std::string name;
    std::map<std::string, Chain> chains;
};

using firewall::Family;

struct Ruleset {
    Family family = Family::ipv4;
    std::string origin; // the command or the file that it is from
    std::vector<Table> tables;

    const Table* table(std::string_view name) const;
};

// Reads what iptables-save or ip6tables-save printed. What it does not know may match or not; an
// error is only what iptables-restore would stumble over, too.
Result<Ruleset> parse_ruleset(std::string_view text, Family family, const std::string& origin);

} // namespace portknocko::check
