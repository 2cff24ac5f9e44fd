// SPDX-License-Identifier: GPL-2.0-or-later
#include "address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <memory>
#include <net/if.h>
#include <netdb.h>

namespace portknocko {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::uint8_t v4_multicast_first = 224;

in6_addr as_in6(std::span<const std::uint8_t> bytes) {
    in6_addr address{};
    std::copy(bytes.begin(), bytes.end(), std::begin(address.s6_addr));
    return address;
}

bool has_interface(const in6_addr& address) {
    return IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MC_LINKLOCAL(&address);
}

// memcpy rather than a cast: the system's address types may not alias one another.
template <typename T>
T read_as(const sockaddr* address) {
    T copy{};
    std::memcpy(&copy, address, sizeof(copy));
    return copy;
}

} // namespace

const sockaddr* SocketAddress::data() const {
    return static_cast<const sockaddr*>(static_cast<const void*>(&storage_));
}

sockaddr* SocketAddress::data() {
    return static_cast<sockaddr*>(static_cast<void*>(&storage_));
}

Address::Address(int family, const void* bytes, std::uint32_t scope)
    : family_(family), scope_(scope) {
    std::memcpy(bytes_.data(), bytes, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
}

Address Address::from_sockaddr(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        const auto v4 = read_as<sockaddr_in>(address);
        return {AF_INET, &v4.sin_addr, 0};
    }
    const auto v6 = read_as<sockaddr_in6>(address);
    const std::span<const std::uint8_t> bytes(v6.sin6_addr.s6_addr);
    if (std::equal(v4_mapped_prefix.begin(), v4_mapped_prefix.end(), bytes.begin()))
        return {AF_INET, bytes.subspan(v4_mapped_prefix.size()).data(), 0};
    return {AF_INET6, bytes.data(), has_interface(v6.sin6_addr) ? v6.sin6_scope_id : 0};
}

Address Address::from_bytes(std::span<const std::uint8_t> bytes) {
    return {bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), 0};
}

Result<Address> Address::from_text(const std::string& text) {
    const Error error{ExitCode::usage, "\"" + text + "\" is not an IP address"};
    // getaddrinfo() alone would read "010.0.0.1" as octal and "2000" as 0.0.7.208.
    in_addr dotted_quad{};
    if (text.find('\0') != std::string::npos) // where they would stop
        return error;
    if (text.find(':') == std::string::npos && inet_pton(AF_INET, text.c_str(), &dotted_quad) != 1)
        return error;

    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(text.c_str(), nullptr, &hints, &found) != 0)
        return error;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    const Address address = from_sockaddr(found->ai_addr);
    if (text.find('%') != std::string::npos && !address.is_scoped())
        return error;
    return address;
}

std::span<const std::uint8_t> Address::bytes() const {
    return std::span(bytes_).first(family_ == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(family_, bytes_.data(), buffer.data(), buffer.size());
    std::string text(buffer.data());
    if (scope_ != 0) {
        std::array<char, IF_NAMESIZE> name{};
        text += '%';
        text += if_indextoname(scope_, name.data()) != nullptr ? std::string(name.data())
                                                               : std::to_string(scope_);
    }
    return text;
}

SocketAddress Address::with_port(std::uint16_t port) const {
    SocketAddress result;
    if (family_ == AF_INET) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&v4.sin_addr, bytes_.data(), sizeof(v4.sin_addr));
        std::memcpy(result.data(), &v4, sizeof(v4));
        *result.size_pointer() = sizeof(v4);
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        v6.sin6_addr = as_in6(bytes_);
        v6.sin6_scope_id = scope_;
        std::memcpy(result.data(), &v6, sizeof(v6));
        *result.size_pointer() = sizeof(v6);
    }
    return result;
}

bool Address::is_unicast() const {
    const auto used = bytes();
    if (std::all_of(used.begin(), used.end(), [](auto byte) { return byte == 0; }))
        return false;
    if (family_ == AF_INET)
        return used.front() < v4_multicast_first;
    const in6_addr address = as_in6(used);
    return !IN6_IS_ADDR_MULTICAST(&address);
}

Address Address::scoped_like(const Address& other) const {
    const in6_addr address = as_in6(bytes_);
    Address result = *this;
    if (family_ == AF_INET6 && scope_ == 0 && IN6_IS_ADDR_LINKLOCAL(&address))
        result.scope_ = other.scope_;
    return result;
}

} // namespace portknocko
