// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.hpp"

#include <doctest/doctest.h>

using namespace portknocko;

namespace {

std::string text_of(const std::string& text) {
    const auto source = Source::from_text(text);
    REQUIRE(source);
    return source->text();
}

} // namespace

TEST_CASE("a source is an address, with a prefix where that leaves bits out") {
    CHECK(text_of("192.0.2.7") == "192.0.2.7");
    CHECK(text_of("192.0.2.7/32") == "192.0.2.7");
    CHECK(text_of("2001:db8::7/128") == "2001:db8::7");
    CHECK(text_of("2001:db8::/64") == "2001:db8::/64");
    CHECK(Source::from_text("2001:db8::/64")->prefix() == 64);
    CHECK(Source::from_text("192.0.2.7")->is_host());
    CHECK_FALSE(Source::from_text("192.0.2.7/31")->is_host());
}

TEST_CASE("bits that the prefix does not cover are cleared") {
    CHECK(text_of("192.0.2.255/24") == "192.0.2.0/24");
    CHECK(text_of("192.0.2.255/25") == "192.0.2.128/25");
    CHECK(text_of("255.255.255.255/1") == "128.0.0.0/1");
    CHECK(text_of("2001:db8:ffff::7/33") == "2001:db8:8000::/33");
}

TEST_CASE("an IPv4-mapped address has an IPv4 prefix") {
    CHECK(text_of("::ffff:192.0.2.7/24") == "192.0.2.0/24");
}

TEST_CASE("a prefix from the kernel is never longer than the address") {
    CHECK(Source(*Address::from_text("192.0.2.7"), 128).text() == "192.0.2.7");
}

TEST_CASE("what is no source is refused") {
    for (const char* bad : {"", "/24", "localhost", "192.0.2.7/", "192.0.2.7/0", "192.0.2.7/33",
                            "192.0.2.7/+8", "192.0.2.7/8 ", "192.0.2.7/255.0.0.0", "::1/129",
                            "::1/-1", "fe80::1%lo", "192.0.2.7/4294967304"}) {
        CAPTURE(bad);
        const auto source = Source::from_text(bad);
        REQUIRE_FALSE(source);
        CHECK(source.error().code == ExitCode::usage);
    }
}
