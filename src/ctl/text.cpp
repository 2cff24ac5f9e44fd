// SPDX-License-Identifier: GPL-2.0-or-later
#include "duration.hpp"
#include "rfc3339.hpp"
#include "view.hpp"

namespace portknocko::ctl {
namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::string count(std::uint64_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

// What made it what it is: "spa-v1", "2 knocks".
std::string cause(const Peer& peer) {
    if (peer.origin)
        return name_of(*peer.origin);
    return count(peer.knocks, "knock");
}

std::string line(const Peer& peer) {
    return "  " + padded(peer.source.text(), 28) + padded(name_of(peer.state), 11) +
           padded(cause(peer), 10) + (peer.ttl ? duration_text(*peer.ttl) + " left" : "no end") +
           "\n";
}

} // namespace

std::string to_text(const DoorView& view) {
    const Door& door = view.door;
    std::string text = door.name + ": open for " + std::to_string(door.open) + ", half-open for " +
                       std::to_string(door.half_open) + ", in " + count(door.rules, "rule") + "\n";
    for (const Peer& peer : view.peers)
        text += line(peer);
    return text;
}

std::string to_text(const Counters& counters) {
    std::string text;
    for (const CounterField& field : counter_fields)
        text += "  " + padded(field.name, 16) + std::to_string(counters.*field.value) + "\n";
    return text;
}

std::string to_text(const Event& event) {
    std::string text = to_rfc3339(event.time) + " " + event.door + " " + name_of(event.kind) + " " +
                       event.source.text();
    if (event.origin)
        text += std::string(" by ") + name_of(*event.origin);
    if (event.ttl)
        text += " for " + duration_text(*event.ttl);
    if (event.renewed)
        text += ", again";
    if (event.reason)
        text += std::string(": ") + name_of(*event.reason);
    return text;
}

} // namespace portknocko::ctl
