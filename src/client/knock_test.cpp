// SPDX-License-Identifier: GPL-2.0-or-later
#include "knock.hpp"

#include <doctest/doctest.h>

using namespace portknocko;

namespace {

Knock tcp(std::uint16_t port) {
    return {Protocol::tcp, port, ""};
}

Knock udp(std::uint16_t port) {
    return {Protocol::udp, port, "\n"};
}

std::vector<Knock> knocks_of(const std::vector<std::string>& words,
                             Protocol protocol = Protocol::tcp) {
    const auto knocks = parse_knocks(words, protocol);
    REQUIRE(knocks);
    return *knocks;
}

} // namespace

TEST_CASE("a port is a decimal number from 1 to 65535") {
    CHECK(*parse_port("1") == 1);
    CHECK(*parse_port("65535") == 65535);
    for (const char* bad : {"", "0", "65536", "99999999999", "-1", "+1", " 1", "1 ", "0x16", "22a",
                            "ssh", "2.0", "tcp/22"}) {
        CAPTURE(bad);
        const auto port = parse_port(bad);
        REQUIRE_FALSE(port);
        CHECK(port.error().code == ExitCode::usage);
        CHECK(port.error().message.find(bad) != std::string::npos);
    }
}

TEST_CASE("knocks keep their order, whether words or commas part them") {
    const std::vector<Knock> expected{tcp(2002), udp(2001), tcp(2004)};
    CHECK(knocks_of({"2002", "udp/2001", "2004"}) == expected);
    CHECK(knocks_of({"tcp/2002,udp/2001,tcp/2004"}) == expected);
    CHECK(knocks_of({"2002,udp/2001", "2004"}) == expected);
}

TEST_CASE("--udp is for the ports that name no protocol") {
    CHECK(knocks_of({"2002", "tcp/2004"}, Protocol::udp) ==
          std::vector<Knock>{udp(2002), tcp(2004)});
}

TEST_CASE("bad knocks are refused by name") {
    for (const char* bad :
         {"", ",", "2002,", ",2002", "2002,,2004", "tcp/", "/2002", "tcp/0", "udp/65536", "TCP/22",
          "sctp/22", "tcp/22/udp", "tcp 22", "2002;2004"}) {
        CAPTURE(bad);
        const auto knocks = parse_knocks({bad}, Protocol::tcp);
        REQUIRE_FALSE(knocks);
        CHECK(knocks.error().code == ExitCode::usage);
    }
    CHECK(parse_knocks({"2002", "sctp/22"}, Protocol::tcp).error().message.find("\"sctp/22\"") !=
          std::string::npos);
}

TEST_CASE("a sequence has no more knocks than a rule can have") {
    CHECK(knocks_of(std::vector<std::string>(15, "7")).size() == 15);
    CHECK_FALSE(parse_knocks(std::vector<std::string>(16, "7"), Protocol::tcp));
    CHECK_FALSE(parse_knocks({"1,2,3,4,5,6,7,8", "1,2,3,4,5,6,7,8"}, Protocol::tcp));
}
