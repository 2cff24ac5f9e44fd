// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel tells of doors; src/kernel/spec/pknock.yaml says what each value means.
#pragma once

#include "source.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <pknock.h>
#include <string>
#include <string_view>

namespace portknocko {

enum class State { open = PKNOCK_STATE_OPEN, half_open = PKNOCK_STATE_HALF_OPEN };

enum class Origin {
    sequence = PKNOCK_ORIGIN_SEQUENCE,
    spa_v1 = PKNOCK_ORIGIN_SPA_V1,
    admin = PKNOCK_ORIGIN_ADMIN,
};

enum class Reason {
    bad_mac = PKNOCK_REASON_BAD_MAC,
    replay = PKNOCK_REASON_REPLAY,
    full = PKNOCK_REASON_FULL,
};

enum class EventKind {
    opened = PKNOCK_CMD_OPENED_NTF,
    closed = PKNOCK_CMD_CLOSED_NTF,
    expired = PKNOCK_CMD_EXPIRED_NTF,
    revoked = PKNOCK_CMD_REVOKED_NTF,
    evicted = PKNOCK_CMD_EVICTED_NTF,
    refused = PKNOCK_CMD_REFUSED_NTF,
};

// As in the spec: "half-open", "spa-v1", "bad-mac", "opened".
const char* name_of(State state);
const char* name_of(Origin origin);
const char* name_of(Reason reason);
const char* name_of(EventKind kind);

struct Counters {
    std::uint64_t opened = 0;
    std::uint64_t renewed = 0;
    std::uint64_t closed = 0;
    std::uint64_t expired = 0;
    std::uint64_t revoked = 0;
    std::uint64_t evicted = 0;
    std::uint64_t bad_mac = 0;
    std::uint64_t replay = 0;
    std::uint64_t full = 0;
    std::uint64_t events_dropped = 0;
};

struct CounterField {
    std::uint16_t attribute;
    const char* name;
    std::uint64_t Counters::*value;
};

// Every counter once, for whoever treats them all alike.
inline constexpr std::array counter_fields{
    CounterField{PKNOCK_A_COUNTERS_OPENED, "opened", &Counters::opened},
    CounterField{PKNOCK_A_COUNTERS_RENEWED, "renewed", &Counters::renewed},
    CounterField{PKNOCK_A_COUNTERS_CLOSED, "closed", &Counters::closed},
    CounterField{PKNOCK_A_COUNTERS_EXPIRED, "expired", &Counters::expired},
    CounterField{PKNOCK_A_COUNTERS_REVOKED, "revoked", &Counters::revoked},
    CounterField{PKNOCK_A_COUNTERS_EVICTED, "evicted", &Counters::evicted},
    CounterField{PKNOCK_A_COUNTERS_BAD_MAC, "bad-mac", &Counters::bad_mac},
    CounterField{PKNOCK_A_COUNTERS_REPLAY, "replay", &Counters::replay},
    CounterField{PKNOCK_A_COUNTERS_FULL, "full", &Counters::full},
    CounterField{PKNOCK_A_COUNTERS_EVENTS_DROPPED, "events-dropped", &Counters::events_dropped},
};
static_assert(counter_fields.size() == PKNOCK_A_COUNTERS_MAX - PKNOCK_A_COUNTERS_PAD);

// What --name of a rule may be: 1 to 31 of A-Z, a-z, 0-9, "_", "." and "-", but "." and "..".
bool is_door_name(std::string_view name);

struct Door {
    std::string name;
    std::uint32_t rules = 0;
    std::uint32_t open = 0;
    std::uint32_t half_open = 0;
    std::uint32_t tokens = 0;
    Counters counters;
};

struct Peer {
    std::string door;
    Source source;
    State state;
    std::optional<Origin> origin;                 // of one that may pass
    std::uint8_t protocol = 0;                    // of the last knock; 0 if there was none
    std::uint8_t knocks = 0;                      // how many were accepted
    std::optional<std::chrono::milliseconds> ttl; // if it is not there, there is no end
};

struct Event {
    EventKind kind;
    std::string door;
    Source source;
    std::chrono::system_clock::time_point time;
    std::optional<Origin> origin; // this and the next four: opened
    std::uint8_t protocol = 0;
    std::uint8_t knocks = 0;
    std::optional<std::chrono::milliseconds> ttl;
    bool renewed = false;         // the door was open already, its time began anew
    std::optional<Reason> reason; // refused
};

} // namespace portknocko
