// SPDX-License-Identifier: GPL-2.0-or-later
#include "view.hpp"

#include <algorithm>
#include <unordered_map>

namespace portknocko::ctl {

Error unknown_door(Client& client, const std::string& name) {
    std::string message = "there is no door \"" + name + "\"; ";
    const auto doors = client.doors();
    if (!doors)
        return doors.error();
    if (doors->empty())
        message += "there is none at all";
    for (const Door& door : *doors)
        message += (&door == &doors->front() ? "there are: " : ", ") + door.name;
    return {ExitCode::not_found, message};
}

Result<std::vector<DoorView>> look(Client& client, const std::optional<std::string>& name) {
    auto doors = client.doors(name);
    if (!doors)
        return doors.error();
    if (name && doors->empty())
        return unknown_door(client, *name);
    auto peers = client.peers({.door = name, .target = {}});
    if (!peers)
        return peers.error();

    std::vector<DoorView> views;
    std::unordered_map<std::string, std::size_t> places;
    for (Door& door : *doors) {
        places.emplace(door.name, views.size());
        views.push_back({std::move(door), {}});
    }
    for (Peer& peer : *peers) {
        // A door may have come between the two dumps.
        if (const auto place = places.find(peer.door); place != places.end())
            views.at(place->second).peers.push_back(std::move(peer));
    }
    return views;
}

void keep_open(std::vector<Peer>& peers) {
    const auto is_on_the_way = [](const Peer& peer) { return peer.state != State::open; };
    peers.erase(std::remove_if(peers.begin(), peers.end(), is_on_the_way), peers.end());
}

} // namespace portknocko::ctl
