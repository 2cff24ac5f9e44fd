// SPDX-License-Identifier: GPL-2.0-or-later
// Histories of one source's knocks at a door with several rules, beside a model of M2 to M5 and M13
// that was written from the specification: it keeps the knocks themselves, not a state.
#include "fuzz.hpp"

#include <array>
#include <netinet/in.h>
#include <optional>
#include <set>

extern "C" {
#include "knock.h"
}

namespace {

constexpr u64 second = 1'000'000'000;
constexpr std::size_t max_packets = 200;

struct Packet {
    u8 protocol;
    u16 sport, dport;
    u32 tcp_seq;
    std::size_t number; // in the history
};

// What the specification says of one sequence.
class Model {
public:
    explicit Model(const pknock_sequence& steps) : steps_(steps) {}

    bool has_port(const Packet& packet) const {
        for (unsigned i = 0; i < steps_.length; i++)
            if (is_at(i, packet))
                return true;
        return false;
    }

    bool has_protocol(u8 protocol) const {
        for (unsigned i = 0; i < steps_.length; i++)
            if (steps_.steps[i].protocol == protocol)
                return true;
        return false;
    }

    bool begins_with(const Packet& packet) const { return is_at(0, packet); }

    // A rule that waits for this sequence sees a packet.
    pknock_outcome see(const Packet& packet, const pknock_sequence& rule, u64 now) {
        if (seen_.contains(packet.number)) // M13: the door is shared, a packet is one knock
            return PKNOCK_IGNORED;
        const bool late = !row_.empty() && now - row_.back().when > u64{rule.time} * second; // M5
        const std::size_t accepted = late ? 0 : row_.size();
        if (accepted > 0 && is_copy(packet, row_.back().packet)) // M4
            return PKNOCK_IGNORED;
        if (is_at(accepted, packet)) {
            row_.resize(accepted);
            return accept(packet, rule, now);
        }
        if (accepted == 0 || !rule.strict)
            return PKNOCK_IGNORED;
        seen_.insert(packet.number);
        row_.clear();
        return PKNOCK_RESET;
    }

    std::size_t accepted() const { return row_.size(); }
    // Until when the next knock can come, by the rule that took the last one.
    u64 deadline() const { return row_.back().when + u64{row_.back().time} * second; }

private:
    struct Knock {
        Packet packet;
        u64 when;
        u32 time;
    };

    bool is_at(std::size_t place, const Packet& packet) const {
        return steps_.steps[place].port == packet.dport &&
               steps_.steps[place].protocol == packet.protocol;
    }

    static bool is_copy(const Packet& a, const Packet& b) {
        return a.protocol == IPPROTO_TCP && b.protocol == IPPROTO_TCP && a.sport == b.sport &&
               a.dport == b.dport && a.tcp_seq == b.tcp_seq;
    }

    pknock_outcome accept(const Packet& packet, const pknock_sequence& rule, u64 now) {
        seen_.insert(packet.number);
        row_.push_back({packet, now, rule.time});
        if (row_.size() < steps_.length)
            return PKNOCK_ACCEPTED;
        row_.clear(); // M2: the door is open, and who knocks later begins anew
        return PKNOCK_COMPLETED;
    }

    pknock_sequence steps_;
    std::vector<Knock> row_;
    std::set<std::size_t> seen_;
};

// As far apart as packets in memory are.
struct alignas(64) Place {};
std::array<Place, max_packets> places;

// How rules that wait for the same sequence may differ, and where packets may lie, so that the
// kernel's guess at "the same packet" has to be right: it knows a packet by its place, its ports
// and the time.
enum class Kind { lone_rules, like_rules, any_rules };

struct Rule {
    std::size_t sequence; // of the door's
    pknock_sequence wanted;
};

class Door {
public:
    explicit Door(fuzz::Input& input) : kind_(static_cast<Kind>(input.byte() % 3)) {
        const std::size_t sequences = 1 + input.byte() % 2;
        for (std::size_t i = 0; i < sequences; i++) {
            const pknock_sequence steps = read_steps(input);
            models_.emplace_back(steps);
            progress_.emplace_back();
            const std::size_t twins = kind_ == Kind::lone_rules ? 1 : 1 + input.byte() % 3;
            pknock_sequence rule = steps;
            for (std::size_t twin = 0; twin < twins; twin++) {
                if (twin == 0 || kind_ == Kind::any_rules) {
                    rule.time = input.one_of(times);
                    rule.strict = input.flag();
                }
                rules_.push_back({i, rule});
            }
        }
    }

    void see(fuzz::Input& input) {
        const Packet packet{input.one_of(protocols), input.one_of(sports), read_port(input),
                            input.one_of(tcp_seqs), packets_};
        const bool own_place = kind_ == Kind::any_rules;
        const Place& place = places.at(own_place ? packets_ : input.byte() % 2);
        const u8 passed_by = own_place ? input.byte() : 0;
        packets_++;
        now_ += read_pause(input);
        for (std::size_t i = 0; i < rules_.size(); i++)
            if ((passed_by >> i & 1U) == 0 && let_rule_see(i, packet, place))
                return;
    }

private:
    static constexpr std::array<u32, 6> times{1, 2, 10, 60, 4'000'000, UINT32_MAX};
    static constexpr std::array<u8, 2> protocols{IPPROTO_TCP, IPPROTO_UDP};
    static constexpr std::array<u16, 4> sports{1, 40000, 40001, 65535};
    static constexpr std::array<u32, 6> tcp_seqs{0, 1, 2, 0x61c88647, 0x80000000, UINT32_MAX};
    static constexpr std::array<u16, 5> ports{1, 2, 3, 2002, 65535};

    static u16 read_port(fuzz::Input& input) { return input.one_of(ports); }

    static pknock_sequence read_steps(fuzz::Input& input) {
        pknock_sequence steps{};
        steps.length = static_cast<u8>(1 + input.byte() % XT_PKNOCK_PORTS_MAX);
        for (unsigned i = 0; i < steps.length; i++)
            steps.steps[i] = {read_port(input), input.one_of(protocols), 0};
        return steps;
    }

    // Mostly none, and what lies around the times of the rules.
    u64 read_pause(fuzz::Input& input) const {
        const u8 choice = input.byte();
        const u64 time = rules_.at(choice % rules_.size()).wanted.time * second;
        switch (choice / 16) {
        case 0:
            return time;
        case 1:
            return time + 1;
        case 2:
            return time - 1;
        case 3:
            return time / 2 + 1;
        case 4:
            return second / 10;
        default:
            return 0;
        }
    }

    // M13: progress counts for the sequence that it was made on. True: the door is open now.
    bool let_rule_see(std::size_t number, const Packet& packet, const Place& place) {
        const auto& [sequence, rule] = rules_.at(number);
        Model& model = models_.at(sequence);
        pknock_progress& progress = progress_.at(sequence);
        const pknock_knock knock{&place,
                                 static_cast<u32>(number + 1),
                                 packet.protocol == IPPROTO_TCP ? packet.tcp_seq : 0,
                                 packet.sport,
                                 packet.dport,
                                 packet.protocol};
        REQUIRE(pknock_sequence_contains(&rule, &knock) == model.has_port(packet));
        REQUIRE(pknock_sequence_hears(&rule, knock.protocol) == model.has_protocol(knock.protocol));
        REQUIRE(pknock_sequence_starts_with(&rule, &knock) == model.begins_with(packet));
        // What the match keeps from the sequence is no knock of its protocols.
        if (!model.has_port(packet) && !(rule.strict && model.has_protocol(packet.protocol)))
            return false;

        const pknock_outcome outcome = pknock_advance(&progress, &rule, &knock, now_);
        REQUIRE(outcome == model.see(packet, rule, now_));
        if (outcome == PKNOCK_COMPLETED)
            progress = {};
        REQUIRE(progress.accepted == model.accepted() || outcome == PKNOCK_IGNORED);
        if (model.accepted() > 0)
            REQUIRE(pknock_progress_deadline(&progress) == model.deadline());
        return outcome == PKNOCK_COMPLETED;
    }

    Kind kind_;
    std::vector<Model> models_;
    std::vector<pknock_progress> progress_;
    std::vector<Rule> rules_;
    std::size_t packets_ = 0;
    u64 now_ = second;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    Door door(input);
    for (std::size_t i = 0; i < max_packets && !input.empty(); i++)
        door.see(input);
    return 0;
}
