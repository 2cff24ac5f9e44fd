// SPDX-License-Identifier: GPL-2.0-or-later
#include "door.hpp"

namespace portknocko {
namespace {

constexpr std::size_t max_door_name = 31;

} // namespace

bool is_door_name(std::string_view name) {
    return !name.empty() && name.size() <= max_door_name && name != "." && name != ".." &&
           name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_.-") == std::string_view::npos;
}

const char* name_of(State state) {
    return state == State::open ? "open" : "half-open";
}

const char* name_of(Origin origin) {
    switch (origin) {
    case Origin::sequence:
        return "sequence";
    case Origin::spa_v1:
        return "spa-v1";
    case Origin::admin:
        return "admin";
    }
    return "unknown";
}

const char* name_of(Reason reason) {
    switch (reason) {
    case Reason::bad_mac:
        return "bad-mac";
    case Reason::replay:
        return "replay";
    case Reason::full:
        return "full";
    }
    return "unknown";
}

const char* name_of(EventKind kind) {
    switch (kind) {
    case EventKind::opened:
        return "opened";
    case EventKind::closed:
        return "closed";
    case EventKind::expired:
        return "expired";
    case EventKind::revoked:
        return "revoked";
    case EventKind::evicted:
        return "evicted";
    case EventKind::refused:
        return "refused";
    }
    return "unknown";
}

} // namespace portknocko
