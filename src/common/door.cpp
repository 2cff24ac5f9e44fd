// SPDX-License-Identifier: GPL-2.0-or-later
#include "door.hpp"

namespace portknocko {

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
