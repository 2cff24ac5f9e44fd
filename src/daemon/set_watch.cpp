// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <vector>

namespace portknocko {
namespace {

constexpr std::size_t buffer_size = 65536;
constexpr std::array concerns{NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWSET, NFT_MSG_DELSET};

bool is_concern(const nlmsghdr* message) {
    return NFNL_SUBSYS_ID(message->nlmsg_type) == NFNL_SUBSYS_NFTABLES &&
           std::find(concerns.begin(), concerns.end(), NFNL_MSG_TYPE(message->nlmsg_type)) !=
               concerns.end();
}

bool has_concern(const char* bytes, int size) {
    const auto* message = static_cast<const nlmsghdr*>(static_cast<const void*>(bytes));
    for (; mnl_nlmsg_ok(message, size); message = mnl_nlmsg_next(message, &size))
        if (is_concern(message))
            return true;
    return false;
}

} // namespace

Result<SetWatch> SetWatch::open() {
    SetWatch watch(mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (watch.socket_ == nullptr ||
        mnl_socket_bind(watch.socket_.get(), 0, MNL_SOCKET_AUTOPID) != 0 ||
        !watch.set_membership(true))
        return system_error(ExitCode::network, "changes of nftables", errno);
    return watch;
}

bool SetWatch::set_membership(bool wanted) {
    int group = NFNLGRP_NFTABLES;
    return mnl_socket_setsockopt(socket_.get(),
                                 wanted ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP, &group,
                                 sizeof(group)) == 0;
}

bool SetWatch::drain() {
    std::vector<char> buffer(buffer_size);
    bool concern = false;
    for (;;) {
        const ssize_t size = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (size > 0)
            concern = has_concern(buffer.data(), static_cast<int>(size)) || concern;
        else if (size == 0 || errno == ENOBUFS || errno == ENOSPC)
            concern = true; // something was lost
        else if (errno != EINTR)
            return concern;
    }
}

} // namespace portknocko
