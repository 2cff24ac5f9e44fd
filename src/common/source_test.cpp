// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.hpp"

#include <doctest/doctest.h>

using namespace portknocko;

namespace {

Target target(const std::string& text) {
    const auto parsed = Target::from_text(text);
    REQUIRE(parsed);
    return *parsed;
}

std::string shown(const std::string& address, int prefix) {
    return Source(*Address::from_text(address), static_cast<std::uint8_t>(prefix)).text();
}

} // namespace

TEST_CASE("a source is an address, with a prefix where that leaves bits out") {
    CHECK(shown("192.0.2.7", 32) == "192.0.2.7");
    CHECK(shown("2001:db8::7", 128) == "2001:db8::7");
    CHECK(Source(*Address::from_text("192.0.2.7")).prefix() == 32);
    CHECK(shown("192.0.2.7", 128) == "192.0.2.7");
}

TEST_CASE("bits that the prefix does not cover are cleared") {
    CHECK(shown("192.0.2.255", 24) == "192.0.2.0/24");
    CHECK(shown("192.0.2.255", 25) == "192.0.2.128/25");
    CHECK(shown("255.255.255.255", 1) == "128.0.0.0/1");
    CHECK(shown("2001:db8:ffff::7", 33) == "2001:db8:8000::/33");
}

TEST_CASE("a target without a prefix leaves that to the door") {
    CHECK_FALSE(target("192.0.2.7").prefix());
    CHECK(target("192.0.2.7").text() == "192.0.2.7");
    CHECK(target("192.0.2.7/32").prefix() == 32);
    CHECK(target("192.0.2.7/24").text() == "192.0.2.0/24");
    CHECK(target("2001:db8::7/64").prefix() == 64);
    CHECK(target("::ffff:192.0.2.7/24").text() == "192.0.2.0/24");
    CHECK(Target(Source(*Address::from_text("192.0.2.7"))).prefix() == 32);
}

TEST_CASE("what is no target is refused") {
    for (const char* bad : {"", "/24", "localhost", "192.0.2.7/", "192.0.2.7/0", "192.0.2.7/33",
                            "192.0.2.7/+8", "192.0.2.7/8 ", "192.0.2.7/255.0.0.0", "::1/129",
                            "::1/-1", "fe80::1%lo", "192.0.2.7/4294967304"}) {
        CAPTURE(bad);
        const auto parsed = Target::from_text(bad);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ExitCode::usage);
    }
}
