// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of nftables in a network namespace of their own, which ctest makes.
#include "netlink_message.hpp"
#include "set_keeper.hpp"
#include "set_watch.hpp"

#include <doctest/doctest.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <set>
#include <sys/socket.h>

using namespace portknocko;
using namespace std::chrono_literals;

namespace {

Member member(const std::string& address, unsigned prefix, std::chrono::milliseconds ttl = 0ms) {
    return {Source(*Address::from_text(address), static_cast<std::uint8_t>(prefix)),
            ttl > 0ms ? std::optional(ttl) : std::nullopt};
}

class Recorder : public Journal {
public:
    void write(Severity /*severity*/, const std::string& message,
               const std::vector<std::string>& /*fields*/) override {
        messages.push_back(message);
    }
    std::vector<std::string> messages;
};

class Fixture {
public:
    Fixture() { REQUIRE(nft.run("flush ruleset")); }

    void make_sets(const std::string& flags = "flags timeout;") {
        REQUIRE(nft.run("table inet portknocko {\n"
                        "set four { type ipv4_addr; " +
                        flags +
                        " }\n"
                        "set six { type ipv6_addr; " +
                        flags +
                        " }\n"
                        "}\n"));
    }

    void configure() { keeper.configure({{"SSH", {.sets = {four, six}, .flush_at_exit = true}}}); }

    // The elements of a set, without their times.
    std::set<std::string> elements(const SetName& name) {
        const auto listing = nft.run("list set " + name.text());
        REQUIRE(listing);
        std::set<std::string> found;
        const std::size_t begin = listing->find("elements = {");
        if (begin == std::string::npos)
            return found;
        std::string word;
        bool is_key = true;
        for (const char c : listing->substr(begin + 12, listing->find('}', begin) - begin - 12)) {
            if (c != ' ' && c != ',' && c != '\n' && c != '\t') {
                word += c;
                continue;
            }
            if (!word.empty() && is_key)
                found.insert(word);
            is_key = c == ',' || (is_key && word.empty());
            word.clear();
        }
        return found;
    }

    // Lets timers elapse until it does.
    bool comes_to_hold(const SetName& name, const std::set<std::string>& wanted) {
        for (int turns = 0; turns < 20 && elements(name) != wanted; turns++)
            REQUIRE(loop.turn(2s));
        return elements(name) == wanted;
    }

    SetName four = *SetName::from_text("inet portknocko four");
    SetName six = *SetName::from_text("inet portknocko six");
    Nft nft = *Nft::open();
    EventLoop loop = *EventLoop::create();
    Recorder journal;
    std::vector<Member> kernel; // who may pass, as the kernel has it
    std::optional<Error> kernel_fault;
    SetWatch watch = *SetWatch::open();
    SetKeeper keeper{loop, journal, nft, watch, [this](const auto&) -> Result<std::vector<Member>> {
                         if (kernel_fault)
                             return *kernel_fault;
                         return kernel;
                     }};
};

using Elements = std::set<std::string>;

} // namespace

TEST_CASE_FIXTURE(Fixture, "sets hold whom the door is open for, each its family") {
    make_sets();
    kernel = {member("192.0.2.1", 32), member("2001:db8::1", 128, 90s)};
    configure();
    CHECK(elements(four) == Elements{"192.0.2.1"});
    CHECK(elements(six) == Elements{"2001:db8::1"});
    CHECK(keeper.statistics().in_step == 2);

    keeper.open("SSH", member("192.0.2.2", 32, 30s));
    keeper.open("HTTP", member("192.0.2.3", 32, 30s));
    keeper.close("SSH", member("192.0.2.1", 32));
    keeper.close("SSH", member("192.0.2.9", 32));
    CHECK(elements(four) == Elements{"192.0.2.1"});
    keeper.commit();
    CHECK(elements(four) == Elements{"192.0.2.2"});
    CHECK(keeper.statistics().failures == 0);
    keeper.leave();
    CHECK(elements(four).empty());
    CHECK(elements(six).empty());
}

TEST_CASE_FIXTURE(Fixture, "time begins anew, and ends") {
    make_sets();
    configure();
    keeper.open("SSH", member("192.0.2.1", 32, 1s));
    keeper.commit();
    keeper.open("SSH", member("192.0.2.1", 32, 1h));
    keeper.open("SSH", member("192.0.2.2", 32, 50ms));
    keeper.commit();
    CHECK(nft.run("list set inet portknocko four")->find("192.0.2.1 timeout 1h") !=
          std::string::npos);
    while (elements(four).size() > 1)
        keeper.commit();
    CHECK(elements(four) == Elements{"192.0.2.1"});
}

TEST_CASE_FIXTURE(Fixture, "sets of intervals hold prefixes, the widest where they overlap") {
    make_sets("flags interval, timeout;");
    kernel = {member("192.0.2.77", 32), member("192.0.2.0", 24, 5min), member("192.0.2.128", 25),
              member("192.0.3.1", 32)};
    configure();
    CHECK(elements(four) == Elements{"192.0.2.0/24", "192.0.3.1"});

    kernel = {member("192.0.2.77", 32), member("192.0.2.128", 25)};
    keeper.close("SSH", member("192.0.2.0", 24));
    keeper.commit();
    CHECK(elements(four) == Elements{"192.0.2.77", "192.0.2.128/25"});

    kernel.push_back(member("10.0.0.0", 8));
    keeper.open("SSH", kernel.back());
    kernel.push_back(member("10.1.0.0", 16));
    keeper.open("SSH", kernel.back());
    keeper.commit();
    CHECK(elements(four) == Elements{"192.0.2.77", "192.0.2.128/25", "10.0.0.0/8"});
    CHECK(keeper.statistics().failures == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a set cannot hold empties it, and is said once") {
    make_sets("");
    kernel = {member("192.0.2.1", 32), member("2001:db8::1", 128)};
    configure();
    CHECK(elements(four).size() == 1);
    keeper.open("SSH", member("192.0.2.2", 32, 1min));
    keeper.open("SSH", member("2001:db8::", 64));
    CHECK(elements(four).empty());
    CHECK(elements(six).empty());
    CHECK(keeper.statistics().in_step == 0);
    REQUIRE(journal.messages.size() == 2);
    CHECK(journal.messages[0] ==
          "set inet portknocko four of door SSH: it needs \"flags timeout\", as the door closes by "
          "itself; it is emptied, and tried again by and by");
    CHECK(journal.messages[1].find("\"flags interval\" to hold 2001:db8::/64") !=
          std::string::npos);
    kernel = {member("192.0.2.2", 32, 1min)};
    keeper.resync();
    keeper.resync();
    CHECK(journal.messages.size() == 3);
    CHECK(journal.messages[2] == "set inet portknocko six is in step again");
}

TEST_CASE_FIXTURE(Fixture, "with the kernel's listing missing, nobody is in") {
    make_sets();
    kernel = {member("192.0.2.1", 32)};
    configure();
    kernel_fault = Error{ExitCode::network, "no such family"};
    keeper.resync();
    CHECK(elements(four).empty());
    kernel_fault.reset();
    CHECK(comes_to_hold(four, {"192.0.2.1"})); // by the first retry
}

TEST_CASE_FIXTURE(Fixture, "a set that is full is emptied") {
    make_sets("flags timeout; size 2;");
    configure();
    for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
        kernel.push_back(member(address, 32));
    for (const Member& one : kernel)
        keeper.open("SSH", one);
    keeper.commit();
    CHECK(elements(four).empty());
    CHECK(keeper.statistics().in_step == 1);
}

TEST_CASE_FIXTURE(Fixture, "a set may come later, go, and come back") {
    kernel = {member("192.0.2.1", 32)};
    configure();
    CHECK(keeper.statistics().in_step == 0);
    CHECK(journal.messages.size() == 2);

    make_sets();
    CHECK(watch.drain());
    keeper.look();
    CHECK(comes_to_hold(four, {"192.0.2.1"}));
    watch.drain();
    keeper.open("SSH", member("192.0.2.2", 32));
    keeper.commit();
    CHECK_FALSE(watch.drain()); // elements are not its concern

    REQUIRE(nft.run("delete table inet portknocko"));
    make_sets();
    CHECK(elements(four).empty());
    CHECK(watch.drain());
    keeper.look();
    CHECK(comes_to_hold(four, {"192.0.2.1"}));
    const auto resyncs = keeper.statistics().resyncs;
    keeper.look();
    REQUIRE(loop.turn(2s));
    CHECK(keeper.statistics().resyncs == resyncs);

    REQUIRE(nft.run("delete set inet portknocko four"));
    keeper.open("SSH", member("192.0.2.3", 32));
    keeper.commit();
    CHECK(keeper.statistics().in_step == 1);
}

TEST_CASE_FIXTURE(Fixture, "what others do while a set is filled is found without being heard") {
    kernel = {member("192.0.2.1", 32)};
    make_sets();
    configure();
    REQUIRE(nft.run("delete table inet portknocko"));
    make_sets();
    CHECK(comes_to_hold(four, {"192.0.2.1"}));
    watch.drain();
    {
        const SetWatch::Pause pause(watch);
        REQUIRE(nft.run("add table inet other"));
    }
    CHECK_FALSE(watch.drain());
    REQUIRE(nft.run("delete table inet other"));
    CHECK(watch.drain());
}

TEST_CASE_FIXTURE(Fixture, "more members than the kernel is given at once") {
    make_sets();
    Elements expected;
    for (int i = 0; i < 2500; i++) {
        const std::string address =
            "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
        expected.insert(address);
        kernel.push_back(member(address, 32, 1h));
    }
    configure();
    CHECK(elements(four) == expected);
    keeper.configure({});
    CHECK(elements(four).empty());

    kernel.clear();
    configure();
    for (const std::string& address : expected)
        keeper.open("SSH", member(address, 32, 1h));
    CHECK_FALSE(elements(four).empty());
    keeper.commit();
    CHECK(elements(four) == expected);
    for (const std::string& address : expected)
        keeper.close("SSH", member(address, 32));
    keeper.commit();
    CHECK(elements(four).empty());
    CHECK(keeper.statistics().failures == 0);
}

TEST_CASE_FIXTURE(Fixture, "sets that are no longer named are emptied") {
    make_sets();
    kernel = {member("192.0.2.1", 32), member("2001:db8::1", 128)};
    configure();
    keeper.configure({{"SSH", {.sets = {four}, .flush_at_exit = false}}});
    CHECK(elements(four).size() == 1);
    CHECK(elements(six).empty());
    keeper.leave();
    CHECK(elements(four).size() == 1);
}

// As the kernel answers.
class Answer {
public:
    explicit Answer(std::uint16_t type)
        : request_(type, 0, nfgenmsg{NFPROTO_IPV4, NFNETLINK_V0, 0}) {}

    Answer& put(std::uint16_t type, std::uint32_t value) {
        mnl_attr_put_u32(&request_.header(), type, htobe32(value));
        return *this;
    }
    Answer& put_handle(std::uint16_t type, std::uint64_t value) {
        mnl_attr_put_u64(&request_.header(), type, htobe64(value));
        return *this;
    }
    const nlmsghdr& message() { return request_.header(); }

private:
    Request request_;
};

TEST_CASE_FIXTURE(Fixture, "the kernel is asked about the traits of a set") {
    REQUIRE(nft.run("table inet portknocko {\n"
                    "set four { type ipv4_addr; flags interval; }\n"
                    "set six { type ipv6_addr; flags timeout; }\n"
                    "set marks { type mark; }\n"
                    "set pairs { type ipv4_addr . mark; }\n"
                    "map pieces { type ipv4_addr : mark; }\n"
                    "}\n"));
    const auto inspect = [](const std::string& set) {
        return inspect_set(*SetName::from_text("inet portknocko " + set));
    };
    const auto first = inspect("four");
    REQUIRE(first);
    CHECK(first->family == AF_INET);
    CHECK(first->intervals);
    CHECK_FALSE(first->timeouts);
    const auto second = inspect("six");
    REQUIRE(second);
    CHECK(second->family == AF_INET6);
    CHECK_FALSE(second->intervals);
    CHECK(second->timeouts);
    CHECK(first->identity != second->identity);
    for (const char* other : {"marks", "pairs", "pieces"})
        CHECK(inspect(other).error().message ==
              std::string("set inet portknocko ") + other +
                  ": its type is neither ipv4_addr nor ipv6_addr");
    CHECK(inspect("none").error().message == "set inet portknocko none: No such file or directory");
    CHECK_FALSE(inspect_set(*SetName::from_text("ip portknocko four")));
    REQUIRE(nft.run("delete table inet portknocko"));
    make_sets();
    CHECK(inspect("four")->identity != first->identity);
}

TEST_CASE("what the kernel says of sets is read with care") {
    constexpr std::uint32_t type_ipv4 = 7;
    const SetName name = *SetName::from_text("ip t four");
    Answer table(NFT_MSG_NEWTABLE);
    table.put_handle(NFTA_TABLE_HANDLE, 7);
    Answer set(NFT_MSG_NEWSET);
    set.put(NFTA_SET_KEY_TYPE, type_ipv4);
    CHECK_FALSE(parse_set_traits(name, table.message(), set.message()));
    set.put_handle(NFTA_SET_HANDLE, 3);
    const auto traits = parse_set_traits(name, table.message(), set.message());
    REQUIRE(traits);
    CHECK(traits->identity == "7/3");
    CHECK_FALSE(traits->intervals);
    CHECK_FALSE(traits->timeouts);
    CHECK_FALSE(parse_set_traits(name, Answer(NFT_MSG_NEWTABLE).message(), set.message()));
}
