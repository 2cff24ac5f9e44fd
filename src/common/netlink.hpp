// SPDX-License-Identifier: GPL-2.0-or-later
// The netlink family "pknock" of this process's network namespace: requests, and events.
// The kernel module brings the family: without it there is ExitCode::not_loaded.
#pragma once

#include "door.hpp"
#include "netlink_message.hpp"
#include "netlink_socket.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace portknocko {

struct PeerFilter {
    std::optional<std::string> door;
    std::optional<Target> target; // without a prefix: whatever prefix covers the address
};

struct Grant {
    std::string door;
    Target target;
    std::optional<std::chrono::milliseconds> ttl; // at least 1 ms; none: until it is revoked
    bool create = false; // a door that no rule names yet; it waits a minute for one
    bool unless_open = false;
};

// Requests; all need CAP_NET_ADMIN. The module may go and come back between two of them.
class Client {
public:
    static Result<Client> open();

    // In the order in which they were made; with a name, that one or none.
    Result<std::vector<Door>> doors(const std::optional<std::string>& name = {});

    // Each peer once. Of half-open ones some may be missing, as they come and go.
    Result<std::vector<Peer>> peers(const PeerFilter& filter = {});

    // Opens the door, or begins its time anew. False: `unless_open`, and it was open.
    Result<bool> allow(const Grant& grant);

    Status revoke(const std::string& door, const Target& target);

    // Everybody, those on the way too; of all doors, if none is named.
    Status flush(const std::optional<std::string>& door);

private:
    Client(NetlinkSocket socket, Family family);

    // Sends `request`, to the family's new number if the module was loaded again.
    Result<Answer> ask(Request& request, const MessageHandler& handle);
    template <typename Item>
    Result<std::vector<Item>> dump(Request& request, Result<Item> (*parse)(const nlmsghdr&));

    NetlinkSocket socket_;
    Family family_;
};

// What a call of EventSource::receive() met with besides events.
struct Reception {
    bool lost = false;     // events, since there were too many: what is known is out of date
    bool loaded = false;   // the module is there again; so are none of the doors that were
    bool unloaded = false; // the module went, no doors are left
    bool more = false;     // there is more to receive now
};

// The events of the family; needs no privileges. It follows the module as that goes and comes.
class EventSource {
public:
    static Result<EventSource> open();

    // For poll(2): readable when receive() has something to do.
    int fd() const { return socket_.fd(); }
    bool is_loaded() const { return family_.has_value(); }

    // Never blocks. Takes a bounded number of events, so that others get their turn.
    Result<Reception> receive(const std::function<void(const Event&)>& handle);

    // Some were lost, which receive() tells when it has taken the others, or very many of them:
    // until there are no more the kernel drops new ones without a word.
    bool is_losing() const { return losing_; }

private:
    explicit EventSource(NetlinkSocket socket);

    Status subscribe(const Family& family);
    // Finds out whether the module is there, whatever the notices were.
    Status inquire(Reception& reception);
    Status take(const nlmsghdr& message, Reception& reception,
                const std::function<void(const Event&)>& handle);
    Status take_notice(const nlmsghdr& message, Reception& reception);
    Result<Reception> note_loss(Reception reception);

    NetlinkSocket socket_;
    std::optional<Family> family_;
    bool losing_ = false;
};

// Asks nlctrl on a socket that is not used for anything else.
Result<Family> find_family(NetlinkSocket& socket);

} // namespace portknocko
