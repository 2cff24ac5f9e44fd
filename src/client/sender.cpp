// SPDX-License-Identifier: GPL-2.0-or-later
#include "sender.hpp"

#include "unique_fd.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <thread>

namespace portknocko {
namespace {

std::string describe(const Plan& plan, const Knock& knock) {
    return plan.destination.text() + " " + protocol_name(knock.protocol) + "/" +
           std::to_string(knock.port);
}

// A socket of the knock's protocol, bound to plan.local: the token and the whole sequence are
// good for one source address, even if routes or temporary addresses change meanwhile.
Result<UniqueFd> open_socket(const Plan& plan, const Knock& knock) {
    const int type = knock.protocol == Protocol::tcp ? SOCK_STREAM : SOCK_DGRAM;
    UniqueFd fd(socket(plan.local.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd)
        return system_error(ExitCode::network, describe(plan, knock), errno);
    const SocketAddress local = plan.local.with_port(0);
    if (bind(fd.get(), local.data(), local.size()) != 0)
        return system_error(ExitCode::network, plan.local.text(), errno);
    return fd;
}

// connect() returns as soon as the SYN has gone out. The caller then closes the socket, which takes
// back the SYN's retransmissions: a second SYN, sent while a later knock is on its way, would be
// out of order and reset a --strict door. A refusal is as good a sign that the SYN arrived as any.
bool send_syn(int fd, const SocketAddress& remote) {
    return connect(fd, remote.data(), remote.size()) == 0 || errno == EINPROGRESS ||
           errno == ECONNREFUSED;
}

bool send_datagram(int fd, const SocketAddress& remote, const std::string& payload) {
    return sendto(fd, payload.data(), payload.size(), 0, remote.data(), remote.size()) ==
           static_cast<ssize_t>(payload.size());
}

Status send_knock(const Plan& plan, const Knock& knock) {
    const Result<UniqueFd> fd = open_socket(plan, knock);
    if (!fd)
        return fd.error();
    const SocketAddress remote = plan.destination.with_port(knock.port);
    const bool sent = knock.protocol == Protocol::tcp
                          ? send_syn(fd->get(), remote)
                          : send_datagram(fd->get(), remote, knock.payload);
    if (!sent)
        return system_error(ExitCode::network, describe(plan, knock), errno);
    return Done{};
}

} // namespace

Status send_knocks(const Plan& plan, const std::function<void(const Knock&)>& on_sent) {
    bool first = true;
    for (const Knock& knock : plan.knocks) {
        if (!first)
            std::this_thread::sleep_for(plan.delay);
        first = false;
        if (const Status status = send_knock(plan, knock); !status)
            return status.error();
        on_sent(knock);
    }
    return Done{};
}

} // namespace portknocko
