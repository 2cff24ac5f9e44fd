// SPDX-License-Identifier: GPL-2.0-or-later
#include "rfc3339.hpp"
#include "view.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

using Json = nlohmann::ordered_json;

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

} // namespace

Json to_json(const Door& door) {
    Json counters;
    for (const CounterField& field : counter_fields)
        counters[member_name(field.name)] = door.counters.*field.value;
    return {{"name", door.name},     {"rules", door.rules},
            {"open", door.open},     {"half_open", door.half_open},
            {"tokens", door.tokens}, {"counters", std::move(counters)}};
}

Json to_json(const Peer& peer) {
    Json object{{"door", peer.door}};
    add_source(object, peer.source);
    object["state"] = name_of(peer.state);
    object["origin"] = name_or_null(peer.origin);
    object["protocol"] = protocol(peer.protocol);
    object["knocks"] = peer.knocks;
    object["ttl"] = seconds(peer.ttl);
    return object;
}

Json to_json(const Event& event) {
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
    return object;
}

Json to_json(const DoorView& view) {
    Json object = to_json(view.door);
    Json peers = Json::array();
    for (const Peer& peer : view.peers)
        peers.push_back(to_json(peer));
    object["peers"] = std::move(peers);
    return object;
}

} // namespace portknocko::ctl
