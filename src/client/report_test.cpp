// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace portknocko;
using nlohmann::json;

namespace {

Plan sequence_plan() {
    return {.command = "seq",
            .host = "gate.example",
            .destination = *Address::from_text("2001:db8::1"),
            .local = *Address::from_text("2001:db8::2"),
            .token = {},
            .knocks = {{Protocol::tcp, 2002, ""}, {Protocol::udp, 2001, "\n"}},
            .delay = std::chrono::milliseconds(200)};
}

Plan token_plan() {
    return {.command = "open",
            .host = "gate.example",
            .destination = *Address::from_text("192.0.2.1"),
            .local = *Address::from_text("10.0.0.2"),
            .token = TokenClaims{*Address::from_text("203.0.113.7"), 29'397'000},
            .knocks = {{Protocol::udp, 2000, "0123abcd\n"}}};
}

} // namespace

TEST_CASE("JSON of a sequence") {
    const json expected{
        {"command", "seq"},
        {"host", "gate.example"},
        {"family", "ipv6"},
        {"destination", "2001:db8::1"},
        {"local", "2001:db8::2"},
        {"delay_ms", 200},
        {"packets", json::array({{{"protocol", "tcp"}, {"port", 2002}, {"payload_hex", ""}},
                                 {{"protocol", "udp"}, {"port", 2001}, {"payload_hex", "0a"}}})},
        {"sent", true},
    };
    CHECK(json::parse(to_json(sequence_plan(), true)) == expected);
}

TEST_CASE("JSON of a token") {
    const json expected{
        {"command", "open"},
        {"host", "gate.example"},
        {"family", "ipv4"},
        {"destination", "192.0.2.1"},
        {"local", "10.0.0.2"},
        {"source", "203.0.113.7"},
        {"minute", 29'397'000},
        {"packets",
         json::array(
             {{{"protocol", "udp"}, {"port", 2000}, {"payload_hex", "30313233616263640a"}}})},
        {"sent", false},
    };
    CHECK(json::parse(to_json(token_plan(), false)) == expected);
}

TEST_CASE("JSON is one line of UTF-8, whatever the host was called") {
    Plan plan = sequence_plan();
    plan.host = "a\"\n\xff";
    const std::string text = to_json(plan, false);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(json::parse(text).at("host") == "a\"\n\xef\xbf\xbd");
}

TEST_CASE("text for people") {
    CHECK(to_text(sequence_plan()) ==
          "seq gate.example: from 2001:db8::2 to 2001:db8::1, 200 ms apart\n"
          "tcp/2002\n"
          "udp/2001");
    CHECK(to_text(token_plan()) == "open gate.example: from 10.0.0.2 to 192.0.2.1, token for "
                                   "203.0.113.7 in minute 29397000\n"
                                   "udp/2000 0123abcd");
}
