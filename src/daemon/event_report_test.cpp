// SPDX-License-Identifier: GPL-2.0-or-later
#include "event_report.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace portknocko;
using namespace std::chrono_literals;

namespace {

Event event_of(EventKind kind, const char* address, std::uint8_t prefix = 128) {
    return {.kind = kind,
            .door = "SSH",
            .source = Source(*Address::from_text(address), prefix),
            .time = std::chrono::system_clock::time_point(1'700'000'000'000'042us),
            .origin = {},
            .ttl = {},
            .reason = {}};
}

using Fields = std::vector<std::string>;

} // namespace

TEST_CASE("who came in, how and for how long") {
    Event event = event_of(EventKind::opened, "192.0.2.7");
    event.origin = Origin::spa_v1;
    event.ttl = 30'999ms;
    event.renewed = true;
    CHECK(describe(event) == "SSH: renewed for 192.0.2.7 by a token, for 30 s");
    CHECK(fields_of(event) == Fields{"PKNOCK_EVENT=opened", "PKNOCK_DOOR=SSH",
                                     "PKNOCK_ADDRESS=192.0.2.7", "PKNOCK_FAMILY=ipv4",
                                     "PKNOCK_PREFIX=32", "PKNOCK_TIME=1700000000.000042",
                                     "PKNOCK_ORIGIN=spa-v1", "PKNOCK_TTL=30", "PKNOCK_RENEWED=1"});
}

TEST_CASE("who was refused, and why") {
    Event event = event_of(EventKind::refused, "2001:db8::", 64);
    event.reason = Reason::replay;
    CHECK(describe(event) == "SSH: refused for 2001:db8::/64, as the token was used before");
    const Fields fields = fields_of(event);
    CHECK(fields[2] == "PKNOCK_ADDRESS=2001:db8::");
    CHECK(fields[3] == "PKNOCK_FAMILY=ipv6");
    CHECK(fields[4] == "PKNOCK_PREFIX=64");
    CHECK(fields.back() == "PKNOCK_REASON=replay");

    event.reason = Reason::bad_mac;
    CHECK(describe(event) ==
          "SSH: refused for 2001:db8::/64, as no secret of this door made the token");
    event.reason = Reason::full;
    CHECK(describe(event) == "SSH: refused for 2001:db8::/64, as there is no room");
    CHECK(fields_of(event).back() == "PKNOCK_REASON=full");
}

TEST_CASE("kinds of events differ in the journal") {
    std::set<std::string> ids;
    for (const EventKind kind : {EventKind::opened, EventKind::closed, EventKind::expired,
                                 EventKind::revoked, EventKind::evicted, EventKind::refused}) {
        ids.insert(message_id_of(kind));
        CHECK(describe(event_of(kind, "192.0.2.7")) ==
              std::string("SSH: ") + name_of(kind) + " for 192.0.2.7");
    }
    CHECK(ids.size() == 6);
    CHECK(severity_of(EventKind::refused) == Severity::notice);
    CHECK(severity_of(EventKind::expired) == Severity::info);
}
