// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace portknocko {
namespace {

// nlctrl has one group, "notify", and the kernel has always given it the family's own number.
constexpr unsigned notify_group = GENL_ID_CTRL;

// Some thousand events; more than the default, where the process may.
constexpr int receive_buffer = 4 * 1024 * 1024;

constexpr int batch = 256;
// More than the kernel keeps: who is too slow has to come to the end of it.
constexpr int losing_batch = 65'536;

} // namespace

EventSource::EventSource(NetlinkSocket socket) : socket_(std::move(socket)) {
}

Result<EventSource> EventSource::open() {
    Result<NetlinkSocket> socket = NetlinkSocket::open(SOCK_NONBLOCK);
    if (!socket)
        return socket.error();
    EventSource source(*std::move(socket));
    // SO_RCVBUF for those without CAP_NET_ADMIN, who get what net.core.rmem_max allows.
    if (setsockopt(source.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer,
                   sizeof(receive_buffer)) != 0)
        setsockopt(source.fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));

    // First the notices of nlctrl, then the question: no change falls between the two.
    if (!source.socket_.join(notify_group))
        return system_error(ExitCode::kernel, "netlink: nlctrl's notices", errno);
    Reception unread;
    if (const Status status = source.inquire(unread); !status)
        return status.error();
    return source;
}

Status EventSource::subscribe(const Family& family) {
    if (!socket_.join(family.events))
        return system_error(ExitCode::kernel, "netlink: the group " PKNOCK_MCGRP_EVENTS, errno);
    family_ = family;
    return Done{};
}

Status EventSource::inquire(Reception& reception) {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    if (!socket)
        return socket.error();
    const Result<Family> family = find_family(*socket);
    if (family && *family != family_) {
        reception.loaded = true;
        return subscribe(*family);
    }
    if (!family && family.error().code != ExitCode::not_loaded)
        return family.error();
    if (!family && family_) {
        reception.unloaded = true;
        family_.reset();
    }
    return Done{};
}

Status EventSource::take_notice(const nlmsghdr& message, Reception& reception) {
    const auto attributes = Attributes::of_message(message, sizeof(genlmsghdr));
    if (attributes.string(CTRL_ATTR_FAMILY_NAME) != PKNOCK_FAMILY_NAME)
        return Done{};
    if (command_of(message) == CTRL_CMD_DELFAMILY) {
        reception.unloaded = true;
        family_.reset();
    } else if (const auto family = parse_family(message); family && family != family_) {
        reception.loaded = true;
        return subscribe(*family);
    }
    return Done{};
}

Status EventSource::take(const nlmsghdr& message, Reception& reception,
                         const std::function<void(const Event&)>& handle) {
    if (message.nlmsg_type == GENL_ID_CTRL)
        return take_notice(message, reception);
    if (!family_ || message.nlmsg_type != family_->id)
        return Done{};
    const auto event = parse_event(message);
    if (!event)
        return event.error();
    if (*event)
        handle(**event);
    return Done{};
}

// A notice may be among what was lost.
Result<Reception> EventSource::note_loss(Reception reception) {
    reception.lost = true;
    if (const Status status = inquire(reception); !status)
        return status.error();
    return reception;
}

Result<Reception> EventSource::receive(const std::function<void(const Event&)>& handle) {
    Reception reception;
    std::optional<Error> failure;
    for (int i = 0; i < (losing_ ? losing_batch : batch) && !failure; i++) {
        const auto datagram = socket_.receive();
        if (!datagram && errno == ENOBUFS) {
            losing_ = true;
            continue;
        }
        if (!datagram && errno == EAGAIN)
            return std::exchange(losing_, false) ? note_loss(reception) : reception;
        if (!datagram)
            return system_error(ExitCode::kernel, "netlink", errno);
        for_each_message(*datagram, [&](const nlmsghdr& message) {
            if (const Status status = take(message, reception, handle); !status)
                failure = status.error();
        });
    }
    if (failure)
        return *failure;
    reception.more = true;
    return losing_ ? note_loss(reception) : reception;
}

} // namespace portknocko
