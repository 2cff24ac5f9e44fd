// SPDX-License-Identifier: GPL-2.0-or-later
#include <doctest/doctest.h>
#include <initializer_list>
#include <netinet/in.h>
#include <set>
#include <vector>

extern "C" {
#include "knock.h"
}

namespace {

constexpr u64 seconds = 1'000'000'000;

pknock_sequence sequence(std::initializer_list<pknock_step> steps, bool strict = false,
                         u32 time = 10) {
    pknock_sequence made{};
    made.time = time;
    made.strict = strict;
    for (const auto& step : steps)
        made.steps[made.length++] = step;
    return made;
}

pknock_step tcp_port(u16 port) {
    return {port, IPPROTO_TCP, 0};
}
pknock_step udp_port(u16 port) {
    return {port, IPPROTO_UDP, 0};
}

/* A new connection each time, unless the sequence number is given. */
pknock_knock tcp(u16 port, u32 seq = 0, u16 sport = 40000) {
    static u32 fresh = 1000;
    return {nullptr, 0, seq ? seq : ++fresh, sport, port, IPPROTO_TCP};
}

pknock_knock udp(u16 port) {
    return {nullptr, 0, 0, 40000, port, IPPROTO_UDP};
}

/* As far from each other as two packets are. */
struct alignas(64) Packet {};

/* The same knock as a rule sees it that finds its packet at that address. */
pknock_knock seen(pknock_knock knock, u32 rule, const Packet& packet) {
    knock.rule = rule;
    knock.packet = &packet;
    return knock;
}

/* A source that knocks, and what became of each knock. */
struct Peer {
    pknock_sequence sequence;
    pknock_progress progress{};
    u64 now = 5 * seconds;

    pknock_outcome operator()(const pknock_knock& knock) {
        return pknock_advance(&progress, &sequence, &knock, now);
    }
};

const auto three = sequence({tcp_port(2002), tcp_port(2001), tcp_port(2004)});
const auto three_strict = sequence({tcp_port(2002), tcp_port(2001), tcp_port(2004)}, true);

} // namespace

TEST_CASE("the sequence completes in order and only in order") {
    Peer peer{three};
    CHECK(peer(tcp(2001)) == PKNOCK_IGNORED);
    CHECK(peer(tcp(2004)) == PKNOCK_IGNORED);
    CHECK(peer(tcp(2002)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(2004)) == PKNOCK_IGNORED);
    CHECK(peer(tcp(2001)) == PKNOCK_ACCEPTED);
    CHECK(peer.progress.accepted == 2);
    CHECK(peer(tcp(2004)) == PKNOCK_COMPLETED);
}

TEST_CASE("one port is a whole sequence") {
    Peer peer{sequence({udp_port(2000)})};
    CHECK(peer(udp(2000)) == PKNOCK_COMPLETED);
}

TEST_CASE("all fifteen ports count") {
    Peer peer{sequence({})};
    for (u16 port = 1; port <= XT_PKNOCK_PORTS_MAX; port++)
        peer.sequence.steps[peer.sequence.length++] = tcp_port(port);
    const auto beyond = tcp(XT_PKNOCK_PORTS_MAX + 1), other = udp(1);
    CHECK_FALSE(pknock_sequence_contains(&peer.sequence, &beyond));
    CHECK_FALSE(pknock_sequence_hears(&peer.sequence, other.protocol));
    for (u16 port = 1; port < XT_PKNOCK_PORTS_MAX; port++)
        CHECK(peer(tcp(port)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(XT_PKNOCK_PORTS_MAX)) == PKNOCK_COMPLETED);
}

TEST_CASE("behind the last port is no knock") {
    auto short_one = sequence({tcp_port(2002), tcp_port(2001)});
    short_one.steps[2] = udp_port(2004);
    const auto beyond = udp(2004);
    CHECK_FALSE(pknock_sequence_contains(&short_one, &beyond));
    CHECK_FALSE(pknock_sequence_hears(&short_one, IPPROTO_UDP));
}

TEST_CASE("protocols are not mixed up") {
    Peer peer{sequence({tcp_port(2002), udp_port(2002)})};
    CHECK(peer(udp(2002)) == PKNOCK_IGNORED);
    CHECK(peer(tcp(2002)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(2002)) == PKNOCK_IGNORED);
    CHECK(peer(udp(2002)) == PKNOCK_COMPLETED);
}

TEST_CASE("strict: a wrong knock starts the sequence over") {
    Peer peer{three_strict};
    CHECK(peer(tcp(2002)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(9)) == PKNOCK_RESET);
    CHECK(peer.progress.accepted == 0);
    CHECK(peer(tcp(2001)) == PKNOCK_IGNORED);
    CHECK(peer(tcp(2002)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(2001)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(2004)) == PKNOCK_COMPLETED);
}

TEST_CASE("strict: the wrong knock does not count as a first one") {
    Peer peer{three_strict};
    CHECK(peer(tcp(2002)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(2002)) == PKNOCK_RESET);
    CHECK(peer(tcp(2001)) == PKNOCK_IGNORED);
}

TEST_CASE("strict: a retransmission is not a wrong knock") {
    Peer peer{three_strict};
    CHECK(peer(tcp(2002, 77)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(2002, 77)) == PKNOCK_IGNORED);
    CHECK(peer.progress.accepted == 1);

    SUBCASE("with another sequence number it is") {
        CHECK(peer(tcp(2002, 78)) == PKNOCK_RESET);
    }
    SUBCASE("from another port it is") {
        CHECK(peer(tcp(2002, 77, 40001)) == PKNOCK_RESET);
    }
    SUBCASE("of the knock before last it is") {
        CHECK(peer(tcp(2001, 90)) == PKNOCK_ACCEPTED);
        CHECK(peer(tcp(2002, 77)) == PKNOCK_RESET);
    }
}

TEST_CASE("strict: a second datagram is a wrong knock, there is no telling it is a copy") {
    Peer peer{sequence({udp_port(1), udp_port(2)}, true)};
    CHECK(peer(udp(1)) == PKNOCK_ACCEPTED);
    CHECK(peer(udp(1)) == PKNOCK_RESET);
}

TEST_CASE("a retransmission does not stand for the same port's next turn") {
    Peer peer{sequence({tcp_port(1), tcp_port(1), tcp_port(1)})};
    CHECK(peer(tcp(1, 7)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(1, 7)) == PKNOCK_IGNORED);
    CHECK(peer(tcp(1, 8)) == PKNOCK_ACCEPTED);
    CHECK(peer(tcp(1, 9)) == PKNOCK_COMPLETED);
}

TEST_CASE("a retransmission does not gain time") {
    Peer peer{three};
    CHECK(peer(tcp(2002, 7)) == PKNOCK_ACCEPTED);
    peer.now += 9 * seconds;
    CHECK(peer(tcp(2002, 7)) == PKNOCK_IGNORED);
    peer.now += 2 * seconds;
    CHECK(peer(tcp(2001)) == PKNOCK_IGNORED);
}

TEST_CASE("the time between two knocks, strict or not") {
    for (const auto& made : {three, three_strict}) {
        CAPTURE(made.strict);
        Peer in_time{made}, late{made}, late_first{made}, slow{made};
        for (auto* peer : {&in_time, &late, &late_first, &slow})
            REQUIRE((*peer)(tcp(2002)) == PKNOCK_ACCEPTED);

        in_time.now += 10 * seconds; /* kept to the nanosecond */
        CHECK(in_time(tcp(2001)) == PKNOCK_ACCEPTED);
        in_time.now += 10 * seconds;
        CHECK(in_time(tcp(2004)) == PKNOCK_COMPLETED);

        late.now += 10 * seconds + 1; /* over one later */
        CHECK(late(tcp(2001)) == PKNOCK_IGNORED);

        late_first.now += 10 * seconds + 1; /* the first port starts anew */
        CHECK(late_first(tcp(2002)) == PKNOCK_ACCEPTED);
        CHECK(late_first.progress.accepted == 1);
        CHECK(late_first(tcp(2001)) == PKNOCK_ACCEPTED);

        slow.now += 6 * seconds; /* counted from the last accepted knock */
        CHECK(slow(tcp(2001)) == PKNOCK_ACCEPTED);
        slow.now += 6 * seconds;
        CHECK(slow(tcp(2004)) == PKNOCK_COMPLETED);
    }
}

TEST_CASE("rules that wait for the same sequence hear a packet once") {
    const u32 first = 1, second = 2;
    const Packet packet{}, other_packet{};

    SUBCASE("and so it does not stand for two knocks") {
        Peer peer{sequence({udp_port(7), udp_port(7)})};
        CHECK(peer(seen(udp(7), first, packet)) == PKNOCK_ACCEPTED);
        CHECK(peer(seen(udp(7), second, packet)) == PKNOCK_IGNORED);
        CHECK(peer(seen(udp(7), first, packet)) == PKNOCK_COMPLETED); /* another, in its place */
    }
    SUBCASE("and so it is not wrong at the second look") {
        Peer peer{sequence({udp_port(1), udp_port(2)}, true)};
        CHECK(peer(seen(udp(1), first, packet)) == PKNOCK_ACCEPTED);
        CHECK(peer(seen(udp(1), second, packet)) == PKNOCK_IGNORED);
        CHECK(peer(seen(udp(2), first, other_packet)) == PKNOCK_COMPLETED);
    }
    SUBCASE("and so a wrong one is not a first one at the second look") {
        Peer peer{sequence({tcp_port(1), tcp_port(2), tcp_port(1)}, true)};
        CHECK(peer(seen(tcp(1, 7), first, packet)) == PKNOCK_ACCEPTED);
        CHECK(peer(seen(tcp(1, 8), first, other_packet)) == PKNOCK_RESET);
        CHECK(peer(seen(tcp(1, 8), second, other_packet)) == PKNOCK_IGNORED);
        CHECK(peer.progress.accepted == 0);
    }
    SUBCASE("but another packet is another knock, whichever rule sees it") {
        Peer peer{sequence({udp_port(7), udp_port(7), udp_port(7), udp_port(7)})};
        CHECK(peer(seen(udp(7), first, packet)) == PKNOCK_ACCEPTED);
        CHECK(peer(seen(udp(7), second, other_packet)) == PKNOCK_ACCEPTED);
        auto elsewhere = udp(7);
        elsewhere.sport++;
        CHECK(peer(seen(elsewhere, first, other_packet)) == PKNOCK_ACCEPTED);
        peer.now += seconds / 5; /* the same place in memory, but long after */
        CHECK(peer(seen(elsewhere, second, other_packet)) == PKNOCK_COMPLETED);
    }
}

TEST_CASE("a packet that takes its time is still looked at for the second time") {
    const Packet packet{};
    const u64 most = seconds / 10;
    for (const u64 since : {most, most + 1}) {
        CAPTURE(since);
        Peer peer{sequence({udp_port(7), udp_port(7)})};
        CHECK(peer(seen(udp(7), 1, packet)) == PKNOCK_ACCEPTED);
        peer.now += since;
        CHECK(peer(seen(udp(7), 2, packet)) == (since > most ? PKNOCK_COMPLETED : PKNOCK_IGNORED));
    }
}

TEST_CASE("packets at different places are told apart, side by side and megabytes away") {
    constexpr unsigned all_prints = 65536;
    struct Grid {
        unsigned shift;
        unsigned long origin;
    };
    for (const auto& [shift, origin] : {Grid{6, 0}, Grid{22, 0xffffUL << 6}}) {
        std::set<u16> prints;
        for (unsigned long place = 0; place < all_prints; place++) {
            Peer peer{sequence({udp_port(7), udp_port(7)})};
            auto knock = udp(7);
            knock.packet = reinterpret_cast<const void*>(origin | place << shift);
            REQUIRE(peer(knock) == PKNOCK_ACCEPTED);
            prints.insert(peer.progress.packet);
        }
        CHECK(prints.size() == all_prints);
    }
}

TEST_CASE("TCP is not taken for a copy of UDP with the same ports") {
    Peer peer{sequence({udp_port(7), tcp_port(7)})};
    const pknock_knock without_number{nullptr, 0, 0, 40000, 7, IPPROTO_TCP};
    CHECK(peer(udp(7)) == PKNOCK_ACCEPTED);
    CHECK(peer(without_number) == PKNOCK_COMPLETED);
}

TEST_CASE("another port does not look like a copy, whatever bits differ and whatever the number") {
    constexpr u32 number = 77;
    for (unsigned bit = 0; bit < 16; bit++) {
        CAPTURE(bit);
        const auto far = static_cast<u16>(0xffffU ^ 1U << bit);
        Peer other_client{sequence({tcp_port(0xffff), tcp_port(0xffff)})};
        CHECK(other_client(tcp(0xffff, number, 0xffff)) == PKNOCK_ACCEPTED);
        CHECK(other_client(tcp(0xffff, number, far)) == PKNOCK_COMPLETED);
        Peer other_port{sequence({tcp_port(0xffff), tcp_port(far)})};
        CHECK(other_port(tcp(0xffff, number)) == PKNOCK_ACCEPTED);
        CHECK(other_port(tcp(far, number)) == PKNOCK_COMPLETED);
    }
    for (const int off : {-1, 1}) {
        const auto next = static_cast<u16>(2002 - off);
        Peer peer{sequence({tcp_port(2002), tcp_port(next)})};
        CHECK(peer(tcp(2002, number)) == PKNOCK_ACCEPTED);
        CHECK(peer(tcp(next, number + static_cast<u32>(off))) == PKNOCK_COMPLETED);
    }
}

TEST_CASE("the deadline is the last knock's time, by the rule that it acted on") {
    Peer peer{sequence({tcp_port(1), tcp_port(2)}, false, 7)};
    CHECK(peer(tcp(1)) == PKNOCK_ACCEPTED);
    CHECK(pknock_progress_deadline(&peer.progress) == peer.now + 7 * seconds);
}

TEST_CASE("a rule with another time decides by its own") {
    Peer peer{three};
    CHECK(peer(tcp(2002)) == PKNOCK_ACCEPTED);
    peer.now += 6 * seconds;
    peer.sequence.time = 5;
    CHECK(peer(tcp(2001)) == PKNOCK_IGNORED);
    peer.sequence.time = 6;
    CHECK(peer(tcp(2001)) == PKNOCK_ACCEPTED);
}

TEST_CASE("what a sequence contains, hears and starts with") {
    const auto mixed = sequence({tcp_port(2002), udp_port(2001)});
    const auto first = tcp(2002), second_as_tcp = tcp(2001);
    const auto second_step = udp(2001);
    CHECK(pknock_sequence_contains(&mixed, &first));
    CHECK(pknock_sequence_contains(&mixed, &second_step));
    CHECK_FALSE(pknock_sequence_contains(&mixed, &second_as_tcp));
    CHECK(pknock_sequence_starts_with(&mixed, &first));
    CHECK_FALSE(pknock_sequence_starts_with(&mixed, &second_step));
    CHECK(pknock_sequence_hears(&mixed, IPPROTO_TCP));
    CHECK(pknock_sequence_hears(&mixed, IPPROTO_UDP));
    CHECK_FALSE(pknock_sequence_hears(&three, IPPROTO_UDP));
}
