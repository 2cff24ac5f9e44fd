// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.hpp"

#include <algorithm>
#include <cerrno>
#include <unordered_set>

namespace portknocko {
namespace {

Error not_loaded() {
    return {ExitCode::not_loaded,
            "xt_pknock is not loaded: no rule with -m pknock was added since boot"};
}

Error as_error(const Answer& answer) {
    if (answer.error == EPERM)
        return {ExitCode::permission, "this needs CAP_NET_ADMIN"};
    const ExitCode code = answer.error == ENOENT ? ExitCode::not_found : ExitCode::kernel;
    if (answer.explanation.empty())
        return system_error(code, "the kernel", answer.error);
    return {code, answer.explanation};
}

Status status_of(const Result<Answer>& answer) {
    if (!answer)
        return answer.error();
    if (answer->error != 0)
        return as_error(*answer);
    return Done{};
}

std::string key_of(const Peer& peer) {
    const auto bytes = peer.source.address().bytes();
    std::string key(bytes.begin(), bytes.end());
    key += static_cast<char>(peer.source.prefix());
    return key + peer.door;
}

// The kernel may tell of a half-open peer twice; the first stays.
void drop_duplicates(std::vector<Peer>& peers) {
    std::unordered_set<std::string> seen;
    const auto is_known = [&](const Peer& peer) {
        return peer.state == State::half_open && !seen.insert(key_of(peer)).second;
    };
    peers.erase(std::remove_if(peers.begin(), peers.end(), is_known), peers.end());
}

} // namespace

Result<Family> find_family(NetlinkSocket& socket) {
    Request request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
    request.put(CTRL_ATTR_FAMILY_NAME, std::string(PKNOCK_FAMILY_NAME));
    std::optional<Family> family;
    const auto answer = socket.exchange(
        request.header(), [&](const nlmsghdr& message) { family = parse_family(message); });
    if (!answer)
        return answer.error();
    if (answer->error == ENOENT)
        return not_loaded();
    if (answer->error != 0)
        return as_error(*answer);
    if (!family)
        return Error{ExitCode::kernel, "the kernel sent a malformed family"};
    return *family;
}

Client::Client(NetlinkSocket socket, Family family) : socket_(std::move(socket)), family_(family) {
}

Result<Client> Client::open() {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    if (!socket)
        return socket.error();
    const Result<Family> family = find_family(*socket);
    if (!family)
        return family.error();
    return Client(*std::move(socket), *family);
}

Result<Answer> Client::ask(Request& request, const MessageHandler& handle) {
    request.header().nlmsg_type = family_.id;
    Result<Answer> answer = socket_.exchange(request.header(), handle);
    if (!answer || answer->error != ENOENT)
        return answer;
    // ENOENT also says that the family is not there.
    const Result<Family> family = find_family(socket_);
    if (!family)
        return family.error();
    if (*family == family_)
        return answer;
    family_ = *family;
    request.header().nlmsg_type = family_.id;
    return socket_.exchange(request.header(), handle);
}

template <typename Item>
Result<std::vector<Item>> Client::dump(Request& request, Result<Item> (*parse)(const nlmsghdr&)) {
    std::vector<Item> items;
    std::optional<Error> malformed;
    const Result<Answer> answer = ask(request, [&](const nlmsghdr& message) {
        Result<Item> item = parse(message);
        if (item)
            items.push_back(*std::move(item));
        else
            malformed = item.error();
    });
    if (const Status status = status_of(answer); !status)
        return status.error();
    if (malformed)
        return *malformed;
    return items;
}

Result<std::vector<Door>> Client::doors(const std::optional<std::string>& name) {
    Request request(family_.id, PKNOCK_CMD_DOOR_GET, NLM_F_DUMP);
    if (name)
        request.put(PKNOCK_A_DOOR_NAME, *name);
    return dump<Door>(request, parse_door);
}

Result<std::vector<Peer>> Client::peers(const PeerFilter& filter) {
    Request request(family_.id, PKNOCK_CMD_PEER_GET, NLM_F_DUMP);
    if (filter.door)
        request.put(PKNOCK_A_PEER_DOOR, *filter.door);
    if (filter.target)
        request.put(*filter.target);
    auto peers = dump<Peer>(request, parse_peer);
    if (peers)
        drop_duplicates(*peers);
    return peers;
}

Result<bool> Client::allow(const Grant& grant) {
    Request request(family_.id, PKNOCK_CMD_PEER_ADD, NLM_F_ACK);
    request.put(PKNOCK_A_PEER_DOOR, grant.door).put(grant.target);
    if (grant.ttl)
        request.put(PKNOCK_A_PEER_TTL, static_cast<std::uint64_t>(grant.ttl->count()));
    if (grant.create)
        request.put_flag(PKNOCK_A_PEER_CREATE);
    if (grant.unless_open)
        request.put_flag(PKNOCK_A_PEER_EXCLUSIVE);
    const Result<Answer> answer = ask(request, [](const nlmsghdr&) {});
    if (answer && answer->error == EEXIST && grant.unless_open)
        return false;
    if (const Status status = status_of(answer); !status)
        return status.error();
    return true;
}

Status Client::revoke(const std::string& door, const Target& target) {
    Request request(family_.id, PKNOCK_CMD_PEER_DEL, NLM_F_ACK);
    request.put(PKNOCK_A_PEER_DOOR, door).put(target);
    return status_of(ask(request, [](const nlmsghdr&) {}));
}

Status Client::flush(const std::optional<std::string>& door) {
    Request request(family_.id, PKNOCK_CMD_PEER_FLUSH, NLM_F_ACK);
    if (door)
        request.put(PKNOCK_A_PEER_DOOR, *door);
    return status_of(ask(request, [](const nlmsghdr&) {}));
}

} // namespace portknocko
