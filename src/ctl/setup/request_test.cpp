// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.hpp"

#include "random.hpp"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <map>
#include <set>

using namespace portknocko;
using namespace portknocko::setup;

namespace {

Result<std::string> propose(const std::string& /*question*/, const std::string& proposal) {
    return proposal;
}

Result<std::string> nobody(const std::string& /*question*/, const std::string& /*proposal*/) {
    return Error{ExitCode::usage, "nobody to ask"};
}

bool none_taken(std::uint16_t /*port*/) {
    return false;
}

Options complete_options() {
    Options options;
    options.port = 22;
    options.sequence = "2002,2001,2004";
    options.ttl = std::chrono::seconds(60);
    return options;
}

std::string complaint(const Options& options) {
    const auto plan = make_plan(options, nobody, none_taken);
    REQUIRE_FALSE(plan);
    return plan.error().message;
}

} // namespace

TEST_CASE("options that say all ask nothing") {
    const auto plan = make_plan(complete_options(), nobody, none_taken);
    REQUIRE(plan);
    CHECK(plan->door == "SSH");
    CHECK(plan->port == 22);
    CHECK(std::get<Sequence>(plan->method).ports == std::vector<std::uint16_t>{2002, 2001, 2004});
    CHECK(plan->ttl == std::chrono::seconds(60));
}

TEST_CASE("the rest is proposed: the session's port, a datagram, half a minute") {
    REQUIRE(setenv("SSH_CONNECTION", "198.51.100.7 50000 192.0.2.2 2222", 1) == 0);
    const auto plan = make_plan({}, propose, none_taken);
    REQUIRE(plan);
    CHECK(plan->port == 2222);
    CHECK(std::holds_alternative<Spa>(plan->method));
    CHECK(plan->ttl == std::chrono::seconds(30));
    REQUIRE(unsetenv("SSH_CONNECTION") == 0);
    CHECK(make_plan({}, propose, none_taken)->port == 22);
}

TEST_CASE("a sequence that is made up goes up and down, and stays off services") {
    Options options = complete_options();
    options.sequence = "";
    for (int i = 0; i < 50; ++i) {
        const auto plan = make_plan(options, nobody, [](std::uint16_t port) { return port % 2; });
        REQUIRE(plan);
        const auto& ports = std::get<Sequence>(plan->method).ports;
        CHECK(ports.size() == 4);
        CHECK_FALSE(std::is_sorted(ports.begin(), ports.end()));
        CHECK_FALSE(std::is_sorted(ports.rbegin(), ports.rend()));
        CHECK(std::all_of(ports.begin(), ports.end(), [](std::uint16_t port) {
            return port >= 1024 && port < 32768 && port % 2 == 0;
        }));
        CHECK(std::set<std::uint16_t>(ports.begin(), ports.end()).size() == 4);
    }
}

TEST_CASE("what cannot be is refused") {
    for (const auto& [sequence, message] : std::map<std::string, std::string>{
             {"22,23", "port 22 cannot be one of the knocks"},
             {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "a sequence has 1 to 15 ports"},
             {"2002,,1", "\"\" is not a port from 1 to 65535"},
             {"0", "\"0\" is not a port from 1 to 65535"},
             {"65536", "\"65536\" is not a port from 1 to 65535"},
             {"tcp/2002", "\"tcp/2002\" is not a port from 1 to 65535"}}) {
        Options options = complete_options();
        options.sequence = sequence;
        CHECK(complaint(options) == message);
    }
    for (const std::string door : {"", "a b", "..", "a/b", "0123456789012345678901"}) {
        Options options = complete_options();
        options.door = door;
        CHECK(complaint(options).starts_with("--door must be 1 to 21 of"));
    }
    CHECK(complaint({}) == "nobody to ask");
}

TEST_CASE("random digits") {
    const auto one = random_hex(32);
    const auto other = random_hex(32);
    REQUIRE(one);
    CHECK(one->size() == 64);
    CHECK(one->find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(*one != *other);
}
