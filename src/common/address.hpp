// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <array>
#include <cstdint>
#include <netinet/in.h>
#include <span>
#include <string>
#include <sys/socket.h>

namespace portknocko {

// A socket address in the shape that the system calls take.
class SocketAddress {
public:
    const sockaddr* data() const;
    sockaddr* data();
    socklen_t size() const { return size_; }

    // getsockname() and the like fill data() and set this; it starts at the room that there is.
    socklen_t* size_pointer() { return &size_; }

private:
    sockaddr_storage storage_{};
    socklen_t size_ = sizeof(storage_);
};

// An IPv4 or IPv6 address; the latter with the interface that a link-local one belongs to.
// An IPv4-mapped IPv6 address becomes the IPv4 address that it leaves the machine as.
class Address {
public:
    // A literal, never a name; "fe80::1%eth0" carries its interface.
    static Result<Address> from_text(const std::string& text);

    // `address` is of family AF_INET or AF_INET6.
    static Address from_sockaddr(const sockaddr* address);

    // 4 or 16 bytes in network order.
    static Address from_bytes(std::span<const std::uint8_t> bytes);

    int family() const { return family_; }
    const char* family_name() const { return family_ == AF_INET ? "IPv4" : "IPv6"; }

    // 4 or 16 bytes in network order.
    std::span<const std::uint8_t> bytes() const;
    std::string text() const;
    SocketAddress with_port(std::uint16_t port) const;

    // What can be a packet's source: neither unspecified, nor multicast, nor broadcast.
    bool is_unicast() const;

    // Whether it names the interface that it belongs to.
    bool is_scoped() const { return scope_ != 0; }

    // This address on the interface of `other`, where it is link-local and names none itself.
    Address scoped_like(const Address& other) const;

    bool operator==(const Address&) const = default;

private:
    Address(int family, const void* bytes, std::uint32_t scope);

    int family_;
    std::array<std::uint8_t, sizeof(in6_addr)> bytes_{};
    std::uint32_t scope_;
};

} // namespace portknocko
