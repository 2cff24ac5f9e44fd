// SPDX-License-Identifier: GPL-2.0-or-later
#include "walk.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace portknocko::check {
namespace {

// A ruleset that calls chains from chains can have more ways than could be gone.
constexpr int max_steps = 200'000;

// Targets that end the way through a table with a yes, as nat's do.
constexpr std::array accepting = {"ACCEPT", "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "TPROXY"};
constexpr std::array dropping = {"DROP", "REJECT", "TARPIT", "STEAL"};
constexpr std::array leaving = {"QUEUE", "NFQUEUE"}; // who knows

struct Place {
    const char* table;
    const char* chain;
};
constexpr std::array input_way = {
    Place{"raw", "PREROUTING"}, Place{"mangle", "PREROUTING"}, Place{"nat", "PREROUTING"},
    Place{"mangle", "INPUT"},   Place{"filter", "INPUT"},      Place{"security", "INPUT"},
};
constexpr std::array forward_way = {
    Place{"raw", "PREROUTING"}, Place{"mangle", "PREROUTING"}, Place{"nat", "PREROUTING"},
    Place{"mangle", "FORWARD"}, Place{"filter", "FORWARD"},    Place{"security", "FORWARD"},
};

template <typename List>
bool lists(const List& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

Truth truth(bool value) {
    return value ? Truth::yes : Truth::no;
}

struct Judge {
    const Probe& probe;

    Truth operator()(const ProtocolMatch& match) const {
        const bool any = match.protocol == "all";
        return truth((any || match.protocol == probe.protocol) != match.negated);
    }
    Truth operator()(const SourceMatch& match) const {
        const bool own = match.address.starts_with("127.") || match.address.starts_with("::1");
        // Of the hosts of the network, those that one rule names are few.
        return truth((probe.loopback && own) != match.negated);
    }
    Truth operator()(const InterfaceMatch& match) const {
        const bool lo = match.name == "lo";
        if (lo || probe.loopback)
            return truth((lo == probe.loopback) != match.negated);
        return Truth::maybe;
    }
    Truth operator()(const PortMatch& match) const {
        if (!probe.port)
            return Truth::maybe;
        const bool inside =
            std::any_of(match.ranges.begin(), match.ranges.end(),
                        [&](PortRange range) { return range.contains(*probe.port); });
        return truth(inside != match.negated);
    }
    Truth operator()(const StateMatch& match) const {
        return truth(lists(match.states, probe.state) != match.negated);
    }
    Truth operator()(const SynMatch& match) const {
        return truth((probe.protocol == "tcp" && probe.state == "NEW") != match.negated);
    }
    Truth operator()(const DoorMatch& /*match*/) const { return truth(probe.door_open); }
    Truth operator()(const OtherMatch& /*match*/) const { return Truth::maybe; }
};

// Goes through one table. With a destination it ends there.
class Walk {
public:
    enum class Flow { next, accept, drop, arrived };

    Walk(const Table& table, const Probe& probe, const Rule* destination)
        : table_(table), probe_(probe), destination_(destination) {
        if (destination != nullptr)
            leading_ = leading_to(table, destination->chain);
    }

    Flow run(const std::string& chain) {
        const auto found = table_.chains.find(chain);
        if (found == table_.chains.end())
            return Flow::next;
        Flow flow = run_chain(found->second, Truth::yes);
        if (flow == Flow::next)
            flow = found->second.policy == "DROP" ? Flow::drop : Flow::accept;
        return flow;
    }

    // A verdict that only may apply differs from the one that was found.
    bool doubtful(Flow flow) const {
        return exhausted_ || possible_.contains(flow == Flow::drop ? Flow::accept : Flow::drop);
    }

    bool exhausted() const { return exhausted_; }
    // The rule that surely decided.
    const Rule* decider() const { return decider_; }
    // The destination, if it was there and a condition kept the packet away from its -m pknock.
    const Rule* own_obstacle() const { return own_obstacle_; }
    // A jump towards the destination that the packet could not take.
    const Rule* gate() const { return gate_; }

private:
    // The least true of the rule's conditions, or of those before its -m pknock.
    Truth judge(const Rule& rule, bool up_to_door) const {
        Truth least = Truth::yes;
        for (const Match& match : rule.matches) {
            if (up_to_door && std::holds_alternative<DoorMatch>(match))
                break;
            least = std::min(least, holds(match, probe_));
        }
        return least;
    }

    bool arrives(const Rule& rule) {
        if (&rule != destination_)
            return false;
        if (judge(rule, true) == Truth::no) {
            own_obstacle_ = &rule;
            return false;
        }
        return true;
    }

    Flow run_chain(const Chain& chain, Truth certainty) {
        for (const Rule& rule : chain.rules) {
            if (--steps_ < 0) {
                exhausted_ = true;
                return Flow::next;
            }
            if (arrives(rule))
                return Flow::arrived;
            const Truth here = std::min(certainty, judge(rule, false));
            if (here == Truth::no && leading_.contains(rule.target))
                gate_ = &rule;
            if (here == Truth::no || rule.target.empty())
                continue;
            if (rule.target == "RETURN") {
                if (here == certainty)
                    return Flow::next;
                certainty = Truth::maybe;
                continue;
            }
            const Flow flow = follow(rule, here);
            if (flow == Flow::arrived || (flow != Flow::next && here == Truth::yes))
                return flow;
            if (rule.is_goto && here == Truth::yes)
                return Flow::next;
        }
        return Flow::next;
    }

    Flow follow(const Rule& rule, Truth here) {
        if (lists(leaving, rule.target))
            possible_.insert({Flow::accept, Flow::drop});
        if (lists(accepting, rule.target))
            return decide(rule, Flow::accept, here);
        if (lists(dropping, rule.target))
            return decide(rule, Flow::drop, here);
        const auto chain = table_.chains.find(rule.target);
        if (chain == table_.chains.end() || depth_ == max_depth)
            return Flow::next;
        ++depth_;
        const Flow flow = run_chain(chain->second, here);
        --depth_;
        return flow;
    }

    Flow decide(const Rule& rule, Flow flow, Truth here) {
        if (here == Truth::yes)
            decider_ = &rule;
        else
            possible_.insert(flow);
        return flow;
    }

    static constexpr int max_depth = 64;

    const Table& table_;
    const Probe& probe_;
    const Rule* destination_;
    const Rule* decider_ = nullptr;
    const Rule* own_obstacle_ = nullptr;
    const Rule* gate_ = nullptr;
    std::set<std::string> leading_;
    std::set<Flow> possible_;
    int steps_ = max_steps;
    int depth_ = 0;
    bool exhausted_ = false;
};

const auto& way_to(const std::string& hook) {
    return hook == "FORWARD" ? forward_way : input_way;
}

bool has_rule(const Table& table, const Rule& rule) {
    const auto chain = table.chains.find(rule.chain);
    if (chain == table.chains.end())
        return false;
    const auto& rules = chain->second.rules;
    return std::any_of(rules.begin(), rules.end(),
                       [&](const Rule& candidate) { return &candidate == &rule; });
}

Arrival arrive_by(const Ruleset& ruleset, const std::string& hook, const Rule& destination,
                  const Probe& probe) {
    for (const Place& place : way_to(hook)) {
        const Table* table = ruleset.table(place.table);
        if (table == nullptr)
            continue;
        Walk walk(*table, probe, has_rule(*table, destination) ? &destination : nullptr);
        const Walk::Flow flow = walk.run(place.chain);
        if (flow == Walk::Flow::arrived || walk.exhausted())
            return {Arrival::Obstacle::none, nullptr};
        if (walk.own_obstacle() != nullptr)
            return {Arrival::Obstacle::own_match, walk.own_obstacle()};
        if (walk.gate() != nullptr)
            return {Arrival::Obstacle::no_way, walk.gate()};
        if (walk.decider() != nullptr &&
            (flow == Walk::Flow::drop || has_rule(*table, destination)))
            return {Arrival::Obstacle::decided, walk.decider()};
    }
    return {};
}

} // namespace

std::set<std::string> leading_to(const Table& table, const std::string& chain) {
    std::set<std::string> leading{chain};
    for (std::size_t before = 0; before != leading.size();) {
        before = leading.size();
        for (const auto& [name, candidate] : table.chains)
            for (const Rule& rule : candidate.rules)
                if (leading.contains(rule.target))
                    leading.insert(name);
    }
    return leading;
}

Truth holds(const Match& match, const Probe& probe) {
    return std::visit(Judge{probe}, match);
}

Journey travel(const Ruleset& ruleset, const std::string& hook, const Probe& probe) {
    Journey journey{Verdict::accept, nullptr};
    for (const Place& place : way_to(hook)) {
        const Table* table = ruleset.table(place.table);
        if (table == nullptr)
            continue;
        Walk walk(*table, probe, nullptr);
        const Walk::Flow flow = walk.run(place.chain);
        if (walk.doubtful(flow))
            return {Verdict::unsure, nullptr};
        journey.decider = walk.decider();
        if (flow == Walk::Flow::drop)
            return {Verdict::drop, walk.decider()};
    }
    return journey;
}

Arrival arrive(const Ruleset& ruleset, const Rule& destination, const Probe& probe) {
    const Arrival input = arrive_by(ruleset, "INPUT", destination, probe);
    if (input.obstacle == Arrival::Obstacle::none)
        return input;
    const Arrival forward = arrive_by(ruleset, "FORWARD", destination, probe);
    const bool forwarded = forward.obstacle == Arrival::Obstacle::none || input.by == nullptr;
    return forwarded ? forward : input;
}

} // namespace portknocko::check
