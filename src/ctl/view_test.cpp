// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>

using namespace portknocko;
using namespace portknocko::ctl;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

Source source(const char* address, std::uint8_t prefix = 128) {
    return {*Address::from_text(address), prefix};
}

DoorView door_view() {
    Door door{.name = "SSH", .rules = 2, .open = 2, .half_open = 1, .tokens = 3, .counters = {}};
    door.counters.bad_mac = 7;
    return {
        door,
        {Peer{"SSH", source("203.0.113.7"), State::open, Origin::spa_v1, IPPROTO_UDP, 1, 29500ms},
         Peer{"SSH", source("2001:db8::", 64), State::open, Origin::admin, 0, 0, {}},
         Peer{"SSH", source("203.0.113.9"), State::half_open, {}, IPPROTO_TCP, 2, 8s}}};
}

Event opened() {
    return {.kind = EventKind::opened,
            .door = "SSH",
            .source = source("203.0.113.7"),
            .time = std::chrono::system_clock::time_point(1'795'398'516'250ms),
            .origin = Origin::sequence,
            .protocol = IPPROTO_TCP,
            .knocks = 3,
            .ttl = 30s,
            .renewed = true,
            .reason = {}};
}

Event refused() {
    return {.kind = EventKind::refused,
            .door = "SSH",
            .source = source("2001:db8::", 64),
            .time = std::chrono::system_clock::time_point(0s),
            .origin = {},
            .protocol = 0,
            .knocks = 0,
            .ttl = {},
            .renewed = false,
            .reason = Reason::bad_mac};
}

} // namespace

TEST_CASE("text: a door and its peers") {
    CHECK(to_text(door_view()) == "SSH: open for 2, half-open for 1, in 2 rules\n"
                                  "  203.0.113.7                 open       spa-v1    30s left\n"
                                  "  2001:db8::/64               open       admin     no end\n"
                                  "  203.0.113.9                 half-open  2 knocks  8s left\n");
}

TEST_CASE("text: events") {
    CHECK(to_text(opened()) ==
          "2026-11-23T01:48:36.250Z SSH opened 203.0.113.7 by sequence for 30s, again");
    CHECK(to_text(refused()) == "1970-01-01T00:00:00.000Z SSH refused 2001:db8::/64: bad-mac");
}

TEST_CASE("text: counters, one a line") {
    const std::string text = to_text(door_view().door.counters);
    CHECK(text.find("  bad-mac         7\n") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == counter_fields.size());
}

TEST_CASE("JSON: a door and its peers") {
    const json view = json::parse(to_json(door_view()));
    CHECK(view.at("name") == "SSH");
    CHECK(view.at("half_open") == 1);
    CHECK(view.at("counters").size() == counter_fields.size());
    CHECK(view.at("counters").at("bad_mac") == 7);
    CHECK(view.at("counters").at("events_dropped") == 0);
    const json expected{{"door", "SSH"},     {"family", "ipv4"}, {"address", "203.0.113.7"},
                        {"prefix", 32},      {"state", "open"},  {"origin", "spa-v1"},
                        {"protocol", "udp"}, {"knocks", 1},      {"ttl", 29.5}};
    CHECK(view.at("peers").at(0) == expected);
    CHECK(view.at("peers").at(1).at("ttl").is_null());
    CHECK(view.at("peers").at(1).at("protocol").is_null());
    CHECK(view.at("peers").at(1).at("prefix") == 64);
    CHECK(view.at("peers").at(2).at("state") == "half-open");
    CHECK(view.at("peers").at(2).at("origin").is_null());
}

TEST_CASE("JSON: events have what their kind has") {
    const json expected{{"event", "opened"},
                        {"time", "2026-11-23T01:48:36.250Z"},
                        {"door", "SSH"},
                        {"family", "ipv4"},
                        {"address", "203.0.113.7"},
                        {"prefix", 32},
                        {"origin", "sequence"},
                        {"protocol", "tcp"},
                        {"knocks", 3},
                        {"ttl", 30.0},
                        {"renewed", true}};
    CHECK(json::parse(to_json(opened())) == expected);
    const json refusal = json::parse(to_json(refused()));
    CHECK(refusal.at("reason") == "bad-mac");
    CHECK(refusal.size() == 7);
}

TEST_CASE("JSON: what a command has done") {
    const std::vector<std::string> revoked{"192.0.2.7/32"};
    CHECK(to_json({{"door", "SSH"}, {"ttl", nullptr}, {"flows", 2U}, {"revoked", revoked}}) ==
          R"({"door":"SSH","ttl":null,"flows":2,"revoked":["192.0.2.7/32"]})"
          "\n");
    CHECK(to_json({{"file", "/tmp/\xff"}}) == "{\"file\":\"/tmp/\xef\xbf\xbd\"}\n");
}

TEST_CASE("JSON: doors are a list, also if there are none") {
    CHECK(to_json(std::vector<Door>{}) == "{\"doors\":[]}\n");
    const json views = json::parse(to_json(std::vector<DoorView>{door_view()}));
    CHECK(views.at("doors").at(0) == json::parse(to_json(door_view())));
}
