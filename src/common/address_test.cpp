// SPDX-License-Identifier: GPL-2.0-or-later
#include "address.hpp"

#include <cstring>
#include <doctest/doctest.h>
#include <vector>

using namespace portknocko;

namespace {

Address address(const std::string& text) {
    const auto parsed = Address::from_text(text);
    REQUIRE(parsed);
    return *parsed;
}

std::vector<int> bytes_of(const Address& address) {
    return {address.bytes().begin(), address.bytes().end()};
}

} // namespace

TEST_CASE("addresses are 4 or 16 bytes in network order") {
    CHECK(bytes_of(address("192.0.2.7")) == std::vector{192, 0, 2, 7});
    CHECK(bytes_of(address("2001:db8::7")) ==
          std::vector{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
}

TEST_CASE("an IPv4-mapped address is the IPv4 address that goes on the wire") {
    CHECK(address("::ffff:192.0.2.7") == address("192.0.2.7"));
    CHECK(address("::ffff:192.0.2.7").text() == "192.0.2.7");
}

TEST_CASE("addresses survive the way through a socket address and back") {
    for (const char* text : {"192.0.2.7", "2001:db8::7", "fe80::7%lo", "::1"}) {
        const SocketAddress socket_address = address(text).with_port(2000);
        CHECK(Address::from_sockaddr(socket_address.data()) == address(text));
        CHECK(address(text).text() == text);
    }
    CHECK(address("192.0.2.7").with_port(1).size() == sizeof(sockaddr_in));
    CHECK(address("2001:db8::7").with_port(1).size() == sizeof(sockaddr_in6));
}

TEST_CASE("an interface goes with a link-local address only") {
    CHECK(address("fe80::7%lo").is_scoped());
    for (const char* bad : {"2001:db8::7%1", "::1%1", "::ffff:192.0.2.7%1", "fe80::7%0"})
        CHECK_FALSE(Address::from_text(bad));
    const Address global = address("2001:db8::7");
    SocketAddress place = global.with_port(2000);
    sockaddr_in6 scoped{};
    std::memcpy(&scoped, place.data(), sizeof(scoped));
    scoped.sin6_scope_id = 1;
    std::memcpy(place.data(), &scoped, sizeof(scoped));
    CHECK(Address::from_sockaddr(place.data()) == global);
}

TEST_CASE("what follows a NUL is not passed over") {
    CHECK_FALSE(Address::from_text(std::string("192.0.2.7\0x", 11)));
    CHECK_FALSE(Address::from_text(std::string("2001:db8::7\0", 12)));
}

TEST_CASE("names and half addresses are no addresses") {
    for (const char* bad : {"", "localhost", "192.0.2.256", "2001:db8::g", "192.0.2.0/24", "2000",
                            "10.1", "010.0.0.1", "::1%"}) {
        CAPTURE(bad);
        const auto parsed = Address::from_text(bad);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ExitCode::usage);
    }
}

TEST_CASE("no packet comes from an unspecified, multicast or broadcast address") {
    for (const char* good : {"192.0.2.7", "10.0.0.1", "127.0.0.1", "2001:db8::7", "fe80::1", "::1"})
        CHECK(address(good).is_unicast());
    for (const char* bad : {"0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"})
        CHECK_FALSE(address(bad).is_unicast());
}

TEST_CASE("only a link-local address without an interface takes that of another") {
    const Address on_loopback = address("fe80::1%lo");
    CHECK(address("fe80::2").scoped_like(on_loopback) == address("fe80::2%lo"));
    CHECK(address("fe80::2%7777").scoped_like(on_loopback) == address("fe80::2%7777"));
    CHECK(address("2001:db8::7").scoped_like(on_loopback) == address("2001:db8::7"));
    CHECK(address("192.0.2.7").scoped_like(on_loopback) == address("192.0.2.7"));
}
