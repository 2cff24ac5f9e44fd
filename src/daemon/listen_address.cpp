// SPDX-License-Identifier: GPL-2.0-or-later
#include "listen_address.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <optional>

namespace portknocko {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::uint32_t loopback_v4_network = 127;

std::optional<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un address{};
    if (path.size() < 2 || path.front() != '/' || path.size() >= sizeof(address.sun_path))
        return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        return std::nullopt;
    return port;
}

std::optional<sockaddr_in> loopback_v4(const std::string& host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
        ntohl(address.sin_addr.s_addr) >> 24U != loopback_v4_network)
        return std::nullopt;
    return address;
}

std::optional<sockaddr_in6> loopback_v6(const std::string& host, std::uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    if (inet_pton(AF_INET6, host.c_str(), &address.sin6_addr) != 1 ||
        !IN6_IS_ADDR_LOOPBACK(&address.sin6_addr))
        return std::nullopt;
    return address;
}

} // namespace

Result<ListenAddress> ListenAddress::from_text(std::string_view text) {
    ListenAddress result;
    result.text_ = text;
    const auto take = [&result](const auto& address) {
        if (!address)
            return false;
        std::memcpy(&result.storage_, &*address, sizeof(*address));
        result.size_ = sizeof(*address);
        return true;
    };

    const std::size_t colon = text.rfind(':');
    const bool whole = text.find('\0') == std::string_view::npos; // the kernel stops there
    if (whole && text.starts_with(unix_prefix)) {
        result.path_ = text.substr(unix_prefix.size());
        if (take(unix_address(result.path_)))
            return result;
    } else if (whole && colon != std::string_view::npos) {
        std::string host(text.substr(0, colon));
        const auto port = parse_port(text.substr(colon + 1));
        const bool bracketed = host.starts_with('[') && host.ends_with(']');
        if (port && bracketed && take(loopback_v6(host.substr(1, host.size() - 2), *port)))
            return result;
        if (port && !bracketed && take(loopback_v4(host, *port)))
            return result;
    }
    return Error{ExitCode::usage,
                 "\"" + std::string(text) +
                     "\" is neither \"unix:/PATH\" nor a port of the loopback interface, such as "
                     "\"127.0.0.1:9712\" or \"[::1]:9712\""};
}

} // namespace portknocko
