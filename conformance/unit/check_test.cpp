// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstring>
#include <doctest/doctest.h>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <vector>

extern "C" {
#include "check.h"
}

namespace {

using Info = xt_pknock_mtinfo2;

void name(Info& info, const std::string& text) {
    std::memset(info.name, 0, sizeof(info.name));
    std::memcpy(info.name, text.data(), std::min(text.size(), sizeof(info.name)));
}

void secret(char (&field)[XT_PKNOCK_SECRET_SIZE], const std::string& text) {
    std::memset(field, 0, sizeof(field));
    std::memcpy(field, text.data(), std::min(text.size(), sizeof(field)));
}

void ports(Info& info, std::initializer_list<xt_pknock_port> list) {
    std::memset(info.ports, 0, sizeof(info.ports));
    info.port_count = 0;
    for (const auto& port : list)
        info.ports[info.port_count++] = port;
}

Info check_rule() {
    Info info{};
    info.flags = XT_PKNOCK_F(NAME) | XT_PKNOCK_F(CHECKIP);
    name(info, "SSH");
    return info;
}

Info knock_rule() {
    Info info{};
    info.flags = XT_PKNOCK_F(NAME) | XT_PKNOCK_F(KNOCKPORTS);
    name(info, "SSH");
    ports(info, {{2002, 0, 0}, {2001, 0, 0}});
    return info;
}

Info spa_rule() {
    auto info = knock_rule();
    info.flags |= XT_PKNOCK_F(OPENSECRET) | XT_PKNOCK_F(CLOSESECRET);
    ports(info, {{2000, IPPROTO_UDP, 0}});
    secret(info.opensecret, "open");
    secret(info.closesecret, "close");
    return info;
}

bool accepted(const Info& info, u8 protocol = IPPROTO_TCP, unsigned bits = 32) {
    return pknock_check(&info, bits, protocol) == nullptr;
}

using Change = std::function<void(Info&)>;

struct Case {
    const char* what;
    Change change;
    const char* complaint; /* the option that it names */
};

void refuse(Info (*base)(), u8 protocol, const std::vector<Case>& cases) {
    for (const auto& one : cases) {
        CAPTURE(one.what);
        auto info = base();
        REQUIRE(accepted(info, protocol));
        one.change(info);
        const char* said = pknock_check(&info, 32, protocol);
        REQUIRE(said != nullptr);
        CAPTURE(said);
        CHECK(std::strstr(said, one.complaint) != nullptr);
    }
}

} // namespace

TEST_CASE("the three kinds of rules are accepted") {
    CHECK(accepted(check_rule(), 0));
    CHECK(accepted(knock_rule(), IPPROTO_TCP));
    CHECK(accepted(knock_rule(), IPPROTO_UDP));
    CHECK(accepted(spa_rule(), IPPROTO_UDP));
    CHECK(accepted(spa_rule(), 0));
}

TEST_CASE("every option of a knock rule at its bounds") {
    auto info = spa_rule();
    info.flags = XT_PKNOCK_F_ALL & ~(XT_PKNOCK_F(CHECKIP) | XT_PKNOCK_F(AUTOCLOSE));
    info.time = info.ttl = info.max_peers = UINT32_MAX;
    info.skew = XT_PKNOCK_SKEW_MAX;
    info.mask = 32;
    secret(info.opensecret, std::string(127, 'x'));
    name(info, std::string(31, '-'));
    CHECK(accepted(info, IPPROTO_UDP));
    info.time = info.max_peers = info.mask = 1;
    info.ttl = info.skew = 0;
    secret(info.opensecret, "x");
    name(info, "...");
    CHECK(accepted(info, IPPROTO_UDP));
}

TEST_CASE("bad names are refused") {
    for (const std::string bad :
         {"", ".", "..", "a/b", "/a", "a/", "a b", "%s%n", "\xc3\xa9", "a\n", "a\x7f"}) {
        CAPTURE(bad);
        auto info = check_rule();
        name(info, bad);
        CHECK_FALSE(accepted(info));
    }
    auto unterminated = check_rule();
    name(unterminated, std::string(32, 'a'));
    CHECK_FALSE(accepted(unterminated));
}

TEST_CASE("a check rule takes only its three options") {
    const u32 allowed =
        XT_PKNOCK_F(NAME) | XT_PKNOCK_F(CHECKIP) | XT_PKNOCK_F(ONCE) | XT_PKNOCK_F(MASK);
    for (u32 bit = 1; bit & XT_PKNOCK_F_ALL; bit <<= 1) {
        auto info = check_rule();
        info.flags |= bit;
        info.mask = bit == XT_PKNOCK_F(MASK) ? 24 : 0;
        CHECK(accepted(info) == ((bit & allowed) != 0));
    }
    const std::vector<Change> numbers_without_options = {
        [](Info& i) { i.time = 1; },
        [](Info& i) { i.ttl = 1; },
        [](Info& i) { i.skew = 1; },
        [](Info& i) { i.mask = 1; },
        [](Info& i) { i.max_peers = 1; },
        [](Info& i) { i.port_count = 1; },
        [](Info& i) { i.opensecret[0] = 'x'; },
        [](Info& i) { i.closesecret[0] = 'x'; },
        [](Info& i) { i.reserved = 1; },
    };
    for (const auto& change : numbers_without_options) {
        auto info = check_rule();
        change(info);
        CHECK_FALSE(accepted(info));
    }
}

TEST_CASE("knock rules: what is refused, and that the option is named") {
    refuse(knock_rule, IPPROTO_TCP,
           {{"no kind", [](Info& i) { i.flags &= ~XT_PKNOCK_F(KNOCKPORTS); }, "--knockports"},
            {"both kinds", [](Info& i) { i.flags |= XT_PKNOCK_F(CHECKIP); }, "--checkip"},
            {"no name", [](Info& i) { i.flags &= ~XT_PKNOCK_F(NAME); }, "--name"},
            {"unknown flag", [](Info& i) { i.flags |= XT_PKNOCK_F_ALL + 1; }, "unknown"},
            {"no ports", [](Info& i) { i.port_count = 0; }, "1 to 15"},
            {"16 ports", [](Info& i) { i.port_count = 16; }, "1 to 15"},
            {"more than counted", [](Info& i) { i.ports[2].port = 1; }, "--knockports"},
            {"255 ports", [](Info& i) { i.port_count = 255; }, "1 to 15"},
            {"port 0", [](Info& i) { i.ports[1].port = 0; }, "--knockports"},
            {"port 0 first", [](Info& i) { i.ports[0].port = 0; }, "--knockports"},
            {"reserved byte", [](Info& i) { i.ports[1].reserved = 1; }, "--knockports"},
            {"other protocol", [](Info& i) { i.ports[1].protocol = IPPROTO_ICMP; }, "--knockports"},
            {"contradicts -p", [](Info& i) { i.ports[1].protocol = IPPROTO_UDP; }, "-p"},
            {"time 0", [](Info& i) { i.flags |= XT_PKNOCK_F(TIME); }, "--time"},
            {"max-peers 0", [](Info& i) { i.flags |= XT_PKNOCK_F(MAX_PEERS); }, "--max-peers"},
            {"mask 0", [](Info& i) { i.flags |= XT_PKNOCK_F(MASK); }, "--mask"},
            {"mask 33",
             [](Info& i) {
                 i.flags |= XT_PKNOCK_F(MASK);
                 i.mask = 33;
             },
             "--mask"},
            {"ttl and autoclose",
             [](Info& i) { i.flags |= XT_PKNOCK_F(TTL) | XT_PKNOCK_F(AUTOCLOSE); }, "--ttl"},
            {"half minutes",
             [](Info& i) {
                 i.flags |= XT_PKNOCK_F(AUTOCLOSE);
                 i.ttl = 90;
             },
             "--autoclose"},
            {"skew alone", [](Info& i) { i.flags |= XT_PKNOCK_F(SKEW); }, "--skew"},
            {"open alone", [](Info& i) { i.flags |= XT_PKNOCK_F(OPENSECRET); }, "--closesecret"},
            {"close alone", [](Info& i) { i.flags |= XT_PKNOCK_F(CLOSESECRET); }, "--opensecret"}});
}

TEST_CASE("SPA rules: what is refused, and that the option is named") {
    refuse(spa_rule, IPPROTO_UDP,
           {{"two ports",
             [](Info& i) {
                 ports(i, {{1, 0, 0}, {2, 0, 0}});
             },
             "--opensecret"},
            {"empty", [](Info& i) { secret(i.opensecret, ""); }, "--opensecret"},
            {"too long", [](Info& i) { secret(i.closesecret, std::string(128, 'x')); },
             "--closesecret"},
            {"the same", [](Info& i) { secret(i.closesecret, "open"); }, "--closesecret"},
            {"skew 6",
             [](Info& i) {
                 i.flags |= XT_PKNOCK_F(SKEW);
                 i.skew = 6;
             },
             "--skew"}});
    auto tcp = spa_rule();
    ports(tcp, {{2000, 0, 0}});
    CHECK_FALSE(accepted(tcp, IPPROTO_TCP));
}

TEST_CASE("fifteen ports are accepted, and each is looked at") {
    auto info = knock_rule();
    for (auto& port : info.ports)
        port.port = 1;
    info.port_count = XT_PKNOCK_PORTS_MAX;
    CHECK(accepted(info));
    info.ports[XT_PKNOCK_PORTS_MAX - 1].port = 0;
    CHECK_FALSE(accepted(info));
}

TEST_CASE("a name alone is no rule") {
    Info info{};
    info.flags = XT_PKNOCK_F(NAME);
    name(info, "SSH");
    CHECK_FALSE(accepted(info));
}

TEST_CASE("whole minutes are accepted") {
    for (const u32 minutes : {0U, 1U, 2U, 60U}) {
        CAPTURE(minutes);
        auto info = knock_rule();
        info.flags |= XT_PKNOCK_F(AUTOCLOSE);
        info.ttl = 60 * minutes;
        CHECK(accepted(info));
    }
}

TEST_CASE("a secret whose option is missing is refused, whichever it is") {
    for (const u32 option : {XT_PKNOCK_F(OPENSECRET), XT_PKNOCK_F(CLOSESECRET)}) {
        auto info = spa_rule();
        info.flags &= ~option;
        CHECK_FALSE(accepted(info, IPPROTO_UDP));
    }
}

TEST_CASE("behind the last port there is nothing") {
    refuse(knock_rule, IPPROTO_TCP,
           {{"a protocol", [](Info& i) { i.ports[2].protocol = IPPROTO_TCP; }, "--knockports"},
            {"a reserved byte", [](Info& i) { i.ports[2].reserved = 1; }, "--knockports"},
            {"in the end", [](Info& i) { i.ports[XT_PKNOCK_PORTS_MAX - 1].port = 1; },
             "--knockports"}});
}

TEST_CASE("a port without protocol needs one from the rule") {
    CHECK_FALSE(accepted(knock_rule(), 0));
    CHECK_FALSE(accepted(knock_rule(), IPPROTO_ICMP));
    auto mixed = knock_rule();
    ports(mixed, {{2002, IPPROTO_TCP, 0}, {2001, IPPROTO_UDP, 0}});
    CHECK(accepted(mixed, 0));
    CHECK_FALSE(accepted(mixed, IPPROTO_TCP));
}

TEST_CASE("IPv6 has longer masks") {
    auto info = check_rule();
    info.flags |= XT_PKNOCK_F(MASK);
    info.mask = 64;
    CHECK_FALSE(accepted(info, 0, 32));
    CHECK(accepted(info, 0, 128));
    info.mask = 129;
    CHECK_FALSE(accepted(info, 0, 128));
}
