// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.hpp"

#include "rfc3339.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

using Json = nlohmann::ordered_json;

// Names of files may be any bytes; JSON is UTF-8.
std::string line(const Json& object) {
    return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json seconds(const std::optional<std::chrono::milliseconds>& duration) {
    return duration ? Json(std::chrono::duration<double>(*duration).count()) : Json();
}

template <typename Enum>
Json name_or_null(const std::optional<Enum>& value) {
    return value ? Json(name_of(*value)) : Json();
}

Json protocol(std::uint8_t number) {
    switch (number) {
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    default:
        return {};
    }
}

void add_source(Json& object, const Source& source) {
    object["family"] = source.address().family() == AF_INET ? "ipv4" : "ipv6";
    object["address"] = source.address().text();
    object["prefix"] = source.prefix();
}

std::string member_name(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

Json door_object(const Door& door) {
    Json counters;
    for (const CounterField& field : counter_fields)
        counters[member_name(field.name)] = door.counters.*field.value;
    return {{"name", door.name},     {"rules", door.rules},
            {"open", door.open},     {"half_open", door.half_open},
            {"tokens", door.tokens}, {"counters", std::move(counters)}};
}

Json peer_object(const Peer& peer) {
    Json object{{"door", peer.door}};
    add_source(object, peer.source);
    object["state"] = name_of(peer.state);
    object["origin"] = name_or_null(peer.origin);
    object["protocol"] = protocol(peer.protocol);
    object["knocks"] = peer.knocks;
    object["ttl"] = seconds(peer.ttl);
    return object;
}

Json view_object(const DoorView& view) {
    Json object = door_object(view.door);
    Json peers = Json::array();
    for (const Peer& peer : view.peers)
        peers.push_back(peer_object(peer));
    object["peers"] = std::move(peers);
    return object;
}

template <typename Item>
std::string doors_line(const std::vector<Item>& items, Json (*object)(const Item&)) {
    Json doors = Json::array();
    for (const Item& item : items)
        doors.push_back(object(item));
    return line(Json{{"doors", std::move(doors)}});
}

} // namespace

std::string to_json(const Event& event) {
    Json object{
        {"event", name_of(event.kind)}, {"time", to_rfc3339(event.time)}, {"door", event.door}};
    add_source(object, event.source);
    if (event.kind == EventKind::opened) {
        object["origin"] = name_or_null(event.origin);
        object["protocol"] = protocol(event.protocol);
        object["knocks"] = event.knocks;
        object["ttl"] = seconds(event.ttl);
        object["renewed"] = event.renewed;
    }
    if (event.kind == EventKind::refused)
        object["reason"] = name_or_null(event.reason);
    return line(object);
}

std::string to_json(const DoorView& view) {
    return line(view_object(view));
}

std::string to_json(const std::vector<DoorView>& views) {
    return doors_line(views, view_object);
}

std::string to_json(const std::vector<Door>& doors) {
    return doors_line(doors, door_object);
}

std::string to_json(std::initializer_list<Member> members) {
    Json object = Json::object();
    for (const Member& member : members)
        object[member.name] =
            std::visit([](const auto& value) { return Json(value); }, member.value);
    return line(object);
}

} // namespace portknocko::ctl
