// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink_socket.hpp"

#include "netlink_message.hpp"

#include <cerrno>
#include <climits>
#include <cstring>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace portknocko {
namespace {

// No dump's datagram is longer.
constexpr std::size_t buffer_size = 65'536;

// libmnl takes a length of 2 GiB or more for a negative one, which fits anywhere.
bool is_whole(const nlmsghdr* message, int left) {
    return mnl_nlmsg_ok(message, left) && message->nlmsg_len <= static_cast<unsigned>(left);
}

// The end of a request, NLMSG_ERROR or NLMSG_DONE, begins with a negative errno.
int error_in(const nlmsghdr& message) {
    int error = 0;
    if (mnl_nlmsg_get_payload_len(&message) >= sizeof(error))
        std::memcpy(&error, mnl_nlmsg_get_payload(&message), sizeof(error));
    return error < -INT_MAX ? EPROTO : -error;
}

std::string explanation_in(const nlmsghdr& message) {
    if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0)
        return {};
    std::size_t before = sizeof(int);
    if (message.nlmsg_type == NLMSG_ERROR) {
        if (mnl_nlmsg_get_payload_len(&message) < sizeof(nlmsgerr))
            return {};
        const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
        before = sizeof(nlmsgerr);
        if ((message.nlmsg_flags & NLM_F_CAPPED) == 0) // it repeats the request
            before += mnl_nlmsg_get_payload_len(&error->msg);
    }
    return Attributes::of_message(message, before).string(NLMSGERR_ATTR_MSG).value_or("");
}

} // namespace

void for_each_message(std::span<const std::byte> datagram, const MessageHandler& handle) {
    const auto* message = static_cast<const nlmsghdr*>(static_cast<const void*>(datagram.data()));
    auto left = static_cast<int>(datagram.size());
    while (is_whole(message, left)) {
        handle(*message);
        message = mnl_nlmsg_next(message, &left);
    }
}

bool read_answer(std::span<const std::byte> datagram, unsigned sequence,
                 const MessageHandler& handle, Answer& answer) {
    bool ended = false;
    for_each_message(datagram, [&](const nlmsghdr& message) {
        if (message.nlmsg_seq != sequence) // late, of an earlier request
            return;
        if (message.nlmsg_type == NLMSG_ERROR || message.nlmsg_type == NLMSG_DONE) {
            answer.error = error_in(message);
            answer.explanation = explanation_in(message);
            ended = true;
        } else if (message.nlmsg_type >= NLMSG_MIN_TYPE) {
            handle(message);
        }
    });
    return ended;
}

NetlinkSocket::NetlinkSocket(mnl_socket* socket) : socket_(socket), buffer_(buffer_size) {
}

Result<NetlinkSocket> NetlinkSocket::open(int flags, int bus) {
    NetlinkSocket socket(mnl_socket_open2(bus, SOCK_CLOEXEC | flags));
    if (!socket.socket_ || mnl_socket_bind(socket.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0)
        return system_error(ExitCode::kernel, "netlink", errno);
    // Errors without their words are better than none, hence unchecked.
    int on = 1;
    mnl_socket_setsockopt(socket.socket_.get(), NETLINK_EXT_ACK, &on, sizeof(on));
    mnl_socket_setsockopt(socket.socket_.get(), NETLINK_CAP_ACK, &on, sizeof(on));
    return socket;
}

Result<Answer> NetlinkSocket::exchange(nlmsghdr& request, const MessageHandler& handle) {
    request.nlmsg_seq = ++sequence_;
    if (mnl_socket_sendto(socket_.get(), &request, request.nlmsg_len) < 0)
        return system_error(ExitCode::kernel, "netlink", errno);

    Answer answer;
    for (;;) {
        const auto datagram = receive();
        if (!datagram)
            return system_error(ExitCode::kernel, "netlink", errno);
        if (read_answer(*datagram, sequence_, handle, answer))
            return answer;
    }
}

std::optional<std::span<const std::byte>> NetlinkSocket::receive() {
    ssize_t size = 0;
    do {
        size = mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0)
        return {};
    return std::span<const std::byte>(buffer_).first(static_cast<std::size_t>(size));
}

bool NetlinkSocket::join(unsigned group) {
    return mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) == 0;
}

} // namespace portknocko
