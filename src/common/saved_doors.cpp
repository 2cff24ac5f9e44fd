// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved_doors.hpp"

#include "trusted_file.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace portknocko {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr int version = 1;

std::string text_member(const Json& object, const char* name) {
    const auto member = object.find(name);
    return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

std::optional<Source> read_source(const Json& object) {
    const auto address = Address::from_text(text_member(object, "address"));
    const auto prefix = object.find("prefix");
    if (!address || prefix == object.end() || !prefix->is_number_unsigned())
        return {};
    const auto bits = prefix->get<std::uint64_t>();
    if (bits == 0 || bits > address->bytes().size() * 8)
        return {};
    return Source(*address, static_cast<std::uint8_t>(bits));
}

std::optional<SavedPeer> read_peer(const Json& object) {
    if (!object.is_object())
        return {};
    std::string door = text_member(object, "door");
    const auto source = read_source(object);
    const auto expires = object.find("expires");
    if (!is_door_name(door) || !source || expires == object.end())
        return {};
    SavedPeer peer{std::move(door), *source, {}};
    if (!expires->is_null()) {
        peer.expires = parse_rfc3339(text_member(object, "expires"));
        if (!peer.expires)
            return {};
    }
    return peer;
}

// False: its time is over.
bool set_rest(Grant& grant, const std::optional<TimePoint>& expires, TimePoint now) {
    if (!expires)
        return true;
    if (*expires <= now)
        return false;
    grant.ttl = std::max(std::chrono::duration_cast<milliseconds>(*expires - now), milliseconds(1));
    return true;
}

} // namespace

std::string current_boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string boot;
    std::getline(file, boot);
    return boot;
}

// Peers are not collected in one value first: there may be a hundred thousand.
std::string write_saved(const SavedDoors& doors) {
    std::string text = "{\"version\": " + std::to_string(version) +
                       ", \"saved\": " + Json(to_rfc3339(doors.saved)).dump() +
                       ", \"boot\": " + Json(doors.boot).dump() + ", \"peers\": [";
    const char* separator = "\n";
    for (const SavedPeer& peer : doors.peers) {
        const Json object{{"door", peer.door},
                          {"address", peer.source.address().text()},
                          {"prefix", peer.source.prefix()},
                          {"expires", peer.expires ? Json(to_rfc3339(*peer.expires)) : Json()}};
        text += separator + object.dump();
        separator = ",\n";
    }
    return text + "\n]}\n";
}

Result<SavedDoors> read_saved(const std::string& text) {
    const Json file = Json::parse(text, nullptr, false);
    if (!file.is_object() || file.value("version", Json()) != version)
        return Error{ExitCode::file, "not a file of saved doors, version 1"};
    // One that people write need not say when.
    const auto saved = file.contains("saved") ? parse_rfc3339(text_member(file, "saved"))
                                              : std::optional(TimePoint{});
    if (!saved)
        return Error{ExitCode::file, "\"saved\" is not a time"};
    const auto array = file.find("peers");
    if (array == file.end() || !array->is_array())
        return Error{ExitCode::file, "\"peers\" is not an array"};
    SavedDoors doors{*saved, text_member(file, "boot"), {}};
    for (const Json& object : *array) {
        auto peer = read_peer(object);
        if (!peer)
            return Error{ExitCode::file, "peers[" + std::to_string(doors.peers.size()) +
                                             "] lacks a valid door, address, prefix or expires"};
        doors.peers.push_back(*std::move(peer));
    }
    return doors;
}

Result<SavedDoors> load_saved(const std::string& path) {
    const auto text = read_trusted_file(path);
    if (!text)
        return text.error();
    auto doors = read_saved(*text);
    if (!doors)
        return Error{doors.error().code, path + ": " + doors.error().message};
    return doors;
}

Result<std::size_t> save_doors(Client& client, const std::string& path) {
    const auto peers = client.peers();
    if (!peers)
        return peers.error();
    SavedDoors doors{std::chrono::system_clock::now(), current_boot(), {}};
    for (const Peer& peer : *peers) {
        if (peer.state != State::open)
            continue;
        const auto expires = peer.ttl ? std::optional(doors.saved + *peer.ttl) : std::nullopt;
        doors.peers.push_back({peer.door, peer.source, expires});
    }
    if (const Status status = write_file_atomically(path, write_saved(doors)); !status)
        return status.error();
    return doors.peers.size();
}

Result<Restored> restore_doors(Client& client, const SavedDoors& doors) {
    Restored restored;
    for (const SavedPeer& peer : doors.peers) {
        Grant grant{.door = peer.door,
                    .target = peer.source,
                    .ttl = {},
                    .create = true,
                    .unless_open = true};
        const TimePoint now = std::max(std::chrono::system_clock::now(), doors.saved);
        if (!set_rest(grant, peer.expires, now)) {
            restored.over++;
            continue;
        }
        const auto opened = client.allow(grant);
        if (opened) {
            (*opened ? restored.opened : restored.open_already)++;
        } else if (opened.error().code == ExitCode::kernel) {
            restored.refused++;
            restored.refusal =
                peer.door + ", " + peer.source.text() + ": " + opened.error().message;
        } else {
            return opened.error();
        }
    }
    return restored;
}

} // namespace portknocko
