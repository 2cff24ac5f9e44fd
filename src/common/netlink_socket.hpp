// SPDX-License-Identifier: GPL-2.0-or-later
// A netlink socket, and the rules by which a request gets its answer.
#pragma once

#include "result.hpp"

#include <cstddef>
#include <functional>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace portknocko {

// How the kernel ended a request.
struct Answer {
    int error = 0;           // an errno, 0 if it did what it was asked for
    std::string explanation; // its own words, if it has any
};

using MessageHandler = std::function<void(const nlmsghdr&)>;

// Calls `handle` for each whole message in a datagram.
void for_each_message(std::span<const std::byte> datagram, const MessageHandler& handle);

// Hands on the messages in `datagram` that answer the request `sequence`, and notes in `answer` how
// it ended. True: it did.
bool read_answer(std::span<const std::byte> datagram, unsigned sequence,
                 const MessageHandler& handle, Answer& answer);

class NetlinkSocket {
public:
    // `flags` as in socket(2); SOCK_CLOEXEC is always there.
    static Result<NetlinkSocket> open(int flags = 0, int bus = NETLINK_GENERIC);

    int fd() const { return mnl_socket_get_fd(socket_.get()); }

    // Sends it and waits for its end. The Result's error is the socket's; what the kernel had to
    // say is in the Answer.
    Result<Answer> exchange(nlmsghdr& request, const MessageHandler& handle);

    // One datagram; valid until the next call. On failure errno is that of recvfrom(2).
    std::optional<std::span<const std::byte>> receive();

    bool join(unsigned group);

private:
    struct Close {
        void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
    };
    explicit NetlinkSocket(mnl_socket* socket);

    std::unique_ptr<mnl_socket, Close> socket_;
    std::vector<std::byte> buffer_;
    unsigned sequence_ = 0;
};

} // namespace portknocko
