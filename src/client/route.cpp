// SPDX-License-Identifier: GPL-2.0-or-later
#include "route.hpp"

#include "unique_fd.hpp"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <vector>

namespace portknocko {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<std::vector<Address>> resolve(const std::string& host, int family) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_DGRAM; // one entry an address, not one for each socket type
    addrinfo* found = nullptr;
    const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (status == EAI_SYSTEM)
        return system_error(ExitCode::network, host, errno);
    if (status != 0)
        return Error{ExitCode::network, host + ": " + gai_strerror(status)};

    const AddressList owner(found, &freeaddrinfo);
    std::vector<Address> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
            addresses.push_back(Address::from_sockaddr(entry->ai_addr));
    }
    return addresses;
}

// Binds to `source` if it is an address of this machine; that it is not is no error.
Status bind_if_local(int fd, const Address& source) {
    const SocketAddress address = source.with_port(0);
    if (bind(fd, address.data(), address.size()) != 0 && errno != EADDRNOTAVAIL)
        return system_error(ExitCode::network, source.text(), errno);
    return Done{};
}

// Connecting a UDP socket sends nothing, but makes the kernel choose route and local address.
Result<Route> probe(const Address& destination, std::uint16_t port,
                    const std::optional<Address>& source) {
    const UniqueFd fd(socket(destination.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd)
        return system_error(ExitCode::network, destination.text(), errno);
    if (source) {
        const Status bound = bind_if_local(fd.get(), source->scoped_like(destination));
        if (!bound)
            return bound.error();
    }
    const SocketAddress remote = destination.with_port(port);
    if (connect(fd.get(), remote.data(), remote.size()) != 0)
        return system_error(ExitCode::network, destination.text(), errno);
    SocketAddress local;
    if (getsockname(fd.get(), local.data(), local.size_pointer()) != 0)
        return system_error(ExitCode::network, destination.text(), errno);
    return Route{destination, Address::from_sockaddr(local.data())};
}

} // namespace

Result<Route> find_route(const std::string& host, int family, std::uint16_t port,
                         const std::optional<Address>& source) {
    const Result<std::vector<Address>> addresses =
        resolve(host, source ? source->family() : family);
    if (!addresses)
        return addresses.error();

    Result<Route> route = Error{ExitCode::network, host + ": no address"};
    for (const Address& destination : *addresses) {
        route = probe(destination, port, source);
        if (route)
            break;
    }
    return route;
}

} // namespace portknocko
