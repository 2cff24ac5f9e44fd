// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_traits.hpp"

#include "netlink_message.hpp"
#include "netlink_socket.hpp"

#include <endian.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <vector>

namespace portknocko {
namespace {

// The kernel only keeps the type of a set's keys: nft's enum datatypes gives the numbers.
constexpr std::uint32_t ipv4_addr = 7;
constexpr std::uint32_t ipv6_addr = 8;

using Message = std::vector<std::byte>;

const nlmsghdr& header_of(const Message& message) {
    return *static_cast<const nlmsghdr*>(static_cast<const void*>(message.data()));
}

std::uint32_t number(const Attributes& attributes, std::uint16_t type) {
    return be32toh(attributes.u32(type).value_or(0));
}

std::optional<std::string> handle(const Attributes& attributes, std::uint16_t type) {
    const auto handle = attributes.u64(type);
    return handle ? std::optional(std::to_string(be64toh(*handle))) : std::nullopt;
}

int family_of(std::uint32_t key_type) {
    if (key_type == ipv4_addr)
        return AF_INET;
    return key_type == ipv6_addr ? AF_INET6 : AF_UNSPEC;
}

Request request(std::uint8_t command, const SetName& name) {
    return {static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | command), NLM_F_ACK,
            nfgenmsg{.nfgen_family = name.family(), .version = NFNETLINK_V0, .res_id = 0}};
}

std::string about(const SetName& name) {
    return "set " + name.text();
}

// What the kernel has of one object.
Result<Message> ask(NetlinkSocket& socket, const SetName& name, Request request) {
    Message found;
    const auto answer = socket.exchange(request.header(), [&](const nlmsghdr& message) {
        const auto* bytes = static_cast<const std::byte*>(static_cast<const void*>(&message));
        found.assign(bytes, bytes + message.nlmsg_len);
    });
    if (!answer)
        return answer.error();
    if (answer->error != 0)
        return system_error(ExitCode::kernel, about(name), answer->error);
    if (found.empty())
        return Error{ExitCode::kernel, about(name) + ": the kernel does not answer"};
    return found;
}

} // namespace

Result<SetTraits> parse_set_traits(const SetName& name, const nlmsghdr& table,
                                   const nlmsghdr& set) {
    const auto of_table = Attributes::of_message(table, sizeof(nfgenmsg));
    const auto of_set = Attributes::of_message(set, sizeof(nfgenmsg));
    const auto table_handle = handle(of_table, NFTA_TABLE_HANDLE);
    const auto set_handle = handle(of_set, NFTA_SET_HANDLE);
    if (!table_handle || !set_handle)
        return Error{ExitCode::kernel, about(name) + ": the kernel's answer is malformed"};
    const std::uint32_t flags = number(of_set, NFTA_SET_FLAGS);
    const int family = family_of(number(of_set, NFTA_SET_KEY_TYPE));
    if (family == AF_UNSPEC || (flags & NFT_SET_MAP) != 0)
        return Error{ExitCode::usage,
                     about(name) + ": its type is neither ipv4_addr nor ipv6_addr"};
    return SetTraits{.family = family,
                     .intervals = (flags & NFT_SET_INTERVAL) != 0,
                     .timeouts = (flags & NFT_SET_TIMEOUT) != 0,
                     .identity = *table_handle + "/" + *set_handle};
}

Result<SetTraits> inspect_set(const SetName& name) {
    auto socket = NetlinkSocket::open(0, NETLINK_NETFILTER);
    if (!socket)
        return socket.error();
    const auto table =
        ask(*socket, name, request(NFT_MSG_GETTABLE, name).put(NFTA_TABLE_NAME, name.table()));
    if (!table)
        return table.error();
    const auto set = ask(*socket, name,
                         request(NFT_MSG_GETSET, name)
                             .put(NFTA_SET_TABLE, name.table())
                             .put(NFTA_SET_NAME, name.set()));
    if (!set)
        return set.error();
    return parse_set_traits(name, header_of(*table), header_of(*set));
}

} // namespace portknocko
