// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved_doors.hpp"

#include <doctest/doctest.h>

using namespace portknocko;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint saving{1'795'398'516'250ms};

Source source(const char* address, std::uint8_t prefix = 128) {
    return {*Address::from_text(address), prefix};
}

std::string with_peer(const std::string& peer) {
    return R"({"version": 1, "saved": "2026-11-23T01:48:36.250Z", "peers": [)" + peer + "]}";
}

std::string refusal(const std::string& text) {
    const auto peers = read_saved(text);
    REQUIRE_FALSE(peers);
    CHECK(peers.error().code == ExitCode::file);
    return peers.error().message;
}

} // namespace

TEST_CASE("what was saved is read") {
    const std::vector<SavedPeer> peers{{"SSH", source("203.0.113.7"), saving + 30s},
                                       {"SSH", source("2001:db8::", 64), {}},
                                       {"WEB", source("203.0.113.0", 24), saving}};
    const SavedDoors doors{saving, "3f1a", peers};
    const auto read = read_saved(write_saved(doors));
    REQUIRE(read);
    CHECK(*read == doors);
    CHECK(read_saved(write_saved({saving, "", {}}))->peers.empty());
}

TEST_CASE("the file is the documented one") {
    CHECK(write_saved({saving,
                       "3f1a",
                       {{"SSH", source("203.0.113.7"), saving}, {"WEB", source("::1"), {}}}}) ==
          R"({"version": 1, "saved": "2026-11-23T01:48:36.250Z", "boot": "3f1a", "peers": [
{"door":"SSH","address":"203.0.113.7","prefix":32,"expires":"2026-11-23T01:48:36.250Z"},
{"door":"WEB","address":"::1","prefix":128,"expires":null}
]}
)");
}

TEST_CASE("a file that is not one of saved doors is refused") {
    for (const char* bad : {"", "{", "[]", "null", "1", "{}", R"({"version": 2, "peers": []})",
                            R"({"version": "1", "peers": []})", "\xff"}) {
        CAPTURE(bad);
        CHECK(refusal(bad) == "not a file of saved doors, version 1");
    }
    CHECK(read_saved(R"({"version": 1, "peers": []})")->saved == TimePoint{});
    CHECK(refusal(R"({"version": 1, "saved": 7, "peers": []})") == "\"saved\" is not a time");
    const std::string saved = R"({"version": 1, "saved": "2026-11-23T01:48:36.250Z")";
    CHECK(refusal(saved + "}") == "\"peers\" is not an array");
    CHECK(refusal(saved + R"(, "peers": {}})") == "\"peers\" is not an array");
}

TEST_CASE("a peer that lacks something is named, and none is taken") {
    const std::string good =
        R"({"door": "SSH", "address": "203.0.113.7", "prefix": 32, "expires": null})";
    CHECK(read_saved(with_peer(good))->peers.size() == 1);
    for (const char* bad :
         {"1", "null", "[]", "{}", R"({"address": "203.0.113.7", "prefix": 32, "expires": null})",
          R"({"door": "", "address": "203.0.113.7", "prefix": 32, "expires": null})",
          R"({"door": "a/b", "address": "203.0.113.7", "prefix": 32, "expires": null})",
          R"({"door": "SSH", "address": "203.0.113.7\u0000x", "prefix": 32, "expires": null})",
          R"({"door": 1, "address": "203.0.113.7", "prefix": 32, "expires": null})",
          R"({"door": "SSH", "address": "gate", "prefix": 32, "expires": null})",
          R"({"door": "SSH", "address": "203.0.113.7", "prefix": 33, "expires": null})",
          R"({"door": "SSH", "address": "203.0.113.7", "prefix": 0, "expires": null})",
          R"({"door": "SSH", "address": "203.0.113.7", "prefix": -1, "expires": null})",
          R"({"door": "SSH", "address": "203.0.113.7", "expires": null})",
          R"({"door": "SSH", "address": "203.0.113.7", "prefix": 32})",
          R"({"door": "SSH", "address": "203.0.113.7", "prefix": 32, "expires": 7})",
          R"({"door": "SSH", "address": "203.0.113.7", "prefix": 32, "expires": "soon"})"}) {
        CAPTURE(bad);
        CHECK(refusal(with_peer(good + "," + bad)) ==
              "peers[1] lacks a valid door, address, prefix or expires");
    }
}
