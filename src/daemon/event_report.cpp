// SPDX-License-Identifier: GPL-2.0-or-later
#include "event_report.hpp"

namespace portknocko {
namespace {

const char* in_words(Origin origin) {
    switch (origin) {
    case Origin::sequence:
        return "by a sequence";
    case Origin::spa_v1:
        return "by a token";
    case Origin::admin:
        return "by the administrator";
    }
    return "";
}

const char* in_words(Reason reason) {
    switch (reason) {
    case Reason::bad_mac:
        return "no secret of this door made the token";
    case Reason::replay:
        return "the token was used before";
    case Reason::full:
        return "there is no room";
    }
    return "";
}

std::string seconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

// Seconds since 1970, to the microsecond.
std::string timestamp(std::chrono::system_clock::time_point time) {
    constexpr long long million = 1'000'000;
    const long long usec =
        std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
    const std::string fraction = std::to_string(million + usec % million).substr(1);
    return std::to_string(usec / million) + "." + fraction;
}

} // namespace

std::string describe(const Event& event) {
    std::string text = event.door + ": " + (event.renewed ? "renewed" : name_of(event.kind)) +
                       " for " + event.source.text();
    if (event.origin)
        text += std::string(" ") + in_words(*event.origin);
    if (event.ttl)
        text += ", for " + seconds(*event.ttl) + " s";
    if (event.reason)
        text += std::string(", as ") + in_words(*event.reason);
    return text;
}

std::vector<std::string> fields_of(const Event& event) {
    const Address& address = event.source.address();
    std::vector<std::string> fields{
        std::string("PKNOCK_EVENT=") + name_of(event.kind),
        "PKNOCK_DOOR=" + event.door,
        "PKNOCK_ADDRESS=" + address.text(),
        std::string("PKNOCK_FAMILY=") + (address.family() == AF_INET ? "ipv4" : "ipv6"),
        "PKNOCK_PREFIX=" + std::to_string(event.source.prefix()),
        "PKNOCK_TIME=" + timestamp(event.time),
    };
    if (event.origin)
        fields.push_back(std::string("PKNOCK_ORIGIN=") + name_of(*event.origin));
    if (event.ttl)
        fields.push_back("PKNOCK_TTL=" + seconds(*event.ttl));
    if (event.renewed)
        fields.emplace_back("PKNOCK_RENEWED=1");
    if (event.reason)
        fields.push_back(std::string("PKNOCK_REASON=") + name_of(*event.reason));
    return fields;
}

const char* message_id_of(EventKind kind) {
    switch (kind) {
    case EventKind::opened:
        return "6ce4bb4c565f493f8a3ee1571eae61d0";
    case EventKind::closed:
        return "87087436a6da438cb292c21291618aa3";
    case EventKind::expired:
        return "a12e1fec0ada4ea4bec0356094911e73";
    case EventKind::revoked:
        return "bc19b7e5f61c465caa2b25ced72c86db";
    case EventKind::evicted:
        return "7ed83bcb5f674d5f9b3f8342d2c30d9e";
    case EventKind::refused:
        return "cd553d3deed942d3a473c25db30d9f1e";
    }
    return "";
}

Severity severity_of(EventKind kind) {
    const bool ordinary = kind == EventKind::expired || kind == EventKind::evicted;
    return ordinary ? Severity::info : Severity::notice;
}

} // namespace portknocko
