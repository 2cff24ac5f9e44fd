// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of netlink, as the kernel or anyone may send them, through each of the parsers; and what
// was read, through everything that shows it.
#include "fuzz.hpp"

#include <event_report.hpp>
#include <json.hpp>
#include <netlink_message.hpp>
#include <netlink_socket.hpp>
#include <set_traits.hpp>
#include <sys/socket.h>
#include <view.hpp>

using namespace portknocko;

namespace {

void require_sound(const std::string& door, const Source& source) {
    REQUIRE(is_door_name(door));
    REQUIRE(source.prefix() <= source.address().bytes().size() * 8);
    REQUIRE(Source(source.address(), source.prefix()) == source); // nothing beyond the prefix
}

void show(const Event& event) {
    require_sound(event.door, event.source);
    REQUIRE(!ctl::to_text(event).empty());
    REQUIRE(ctl::to_json(event).ends_with("}\n"));
    REQUIRE(!describe(event).empty());
    // Each is an environment variable of hooks and a field of the journal.
    for (const std::string& field : fields_of(event))
        REQUIRE(field.starts_with("PKNOCK_") &&
                field.find_first_of(std::string("\n\0", 2)) == std::string::npos);
}

void show(const Peer& peer) {
    require_sound(peer.door, peer.source);
    ctl::DoorView view;
    view.door.name = peer.door;
    view.peers.push_back(peer);
    REQUIRE(ctl::to_text(view).find(peer.source.text()) != std::string::npos);
    REQUIRE(ctl::to_json(view).ends_with("}\n"));
}

void show(const Door& door) {
    REQUIRE(is_door_name(door.name));
    REQUIRE(!ctl::to_text(ctl::DoorView{door, {}}).empty());
    REQUIRE(ctl::to_json(std::vector<Door>{door}).ends_with("}\n"));
    REQUIRE(!ctl::to_text(door.counters).empty());
}

void read(const nlmsghdr& message) {
    (void)command_of(message);
    (void)parse_family(message);
    if (const auto door = parse_door(message))
        show(*door);
    if (const auto peer = parse_peer(message))
        show(*peer);
    if (const auto event = parse_event(message); event && *event)
        show(**event);
}

// As the answers to two questions about a set of nftables.
void read(const nlmsghdr& table, const nlmsghdr& set) {
    const auto traits = parse_set_traits(*SetName::from_text("inet filter allowed"), table, set);
    if (traits)
        REQUIRE(traits->family == AF_INET || traits->family == AF_INET6);
    else
        REQUIRE(traits.error().message.starts_with("set inet filter allowed: "));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    std::size_t messages = 0;
    const nlmsghdr* former = nullptr;
    for_each_message(bytes, [&](const nlmsghdr& message) {
        messages++;
        read(message);
        read(former != nullptr ? *former : message, message);
        former = &message;
    });
    REQUIRE(messages <= size / sizeof(nlmsghdr));

    std::size_t answers = 0;
    Answer answer;
    const unsigned sequence = size >= sizeof(nlmsghdr) ? data[8] : 0;
    read_answer(
        bytes, sequence, [&](const nlmsghdr&) { answers++; }, answer);
    REQUIRE(answers <= messages);
    return 0;
}
