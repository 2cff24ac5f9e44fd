// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink_message.hpp"

#include <cstring>
#include <doctest/doctest.h>
#include <tuple>

using namespace portknocko;

namespace {

constexpr std::uint16_t family_id = 32;

// What the kernel would send, made with libmnl alone.
class Message {
public:
    explicit Message(std::uint8_t command) {
        mnl_nlmsg_put_header(buffer_.data())->nlmsg_type = family_id;
        static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(&get(), sizeof(genlmsghdr)))->cmd =
            command;
    }

    nlmsghdr& get() { return *static_cast<nlmsghdr*>(static_cast<void*>(buffer_.data())); }

    Message& u8(std::uint16_t type, std::uint8_t value) {
        mnl_attr_put_u8(&get(), type, value);
        return *this;
    }
    Message& u32(std::uint16_t type, std::uint32_t value) {
        mnl_attr_put_u32(&get(), type, value);
        return *this;
    }
    Message& u64(std::uint16_t type, std::uint64_t value) {
        mnl_attr_put_u64(&get(), type, value);
        return *this;
    }
    Message& text(std::uint16_t type, const char* value) {
        mnl_attr_put_strz(&get(), type, value);
        return *this;
    }
    Message& address(std::uint16_t type, const char* value) {
        const Address parsed = *Address::from_text(value);
        mnl_attr_put(&get(), type, parsed.bytes().size(), parsed.bytes().data());
        return *this;
    }
    Message& flag(std::uint16_t type) {
        mnl_attr_put(&get(), type, 0, nullptr);
        return *this;
    }

private:
    alignas(nlmsghdr) std::array<std::byte, 1024> buffer_{};
};

Message open_peer() {
    Message message(PKNOCK_CMD_PEER_GET);
    message.text(PKNOCK_A_PEER_DOOR, "SSH")
        .address(PKNOCK_A_PEER_IPV4, "203.0.113.7")
        .u32(PKNOCK_A_PEER_STATE, PKNOCK_STATE_OPEN);
    return message;
}

Message family(const char* name, const char* group) {
    Message message(CTRL_CMD_NEWFAMILY);
    nlmsghdr* header = &message.get();
    mnl_attr_put_u16(header, CTRL_ATTR_FAMILY_ID, family_id);
    message.text(CTRL_ATTR_FAMILY_NAME, name);
    nlattr* groups = mnl_attr_nest_start(header, CTRL_ATTR_MCAST_GROUPS);
    nlattr* element = mnl_attr_nest_start(header, 1);
    mnl_attr_put_u32(header, CTRL_ATTR_MCAST_GRP_ID, 5);
    mnl_attr_put_strz(header, CTRL_ATTR_MCAST_GRP_NAME, group);
    mnl_attr_nest_end(header, element);
    mnl_attr_nest_end(header, groups);
    return message;
}

} // namespace

TEST_CASE("a door with its counters") {
    Message message(PKNOCK_CMD_DOOR_GET);
    message.text(PKNOCK_A_DOOR_NAME, "SSH").u32(PKNOCK_A_DOOR_RULES, 2).u32(PKNOCK_A_DOOR_OPEN, 3);
    message.u32(PKNOCK_A_DOOR_HALF_OPEN, 4).u32(PKNOCK_A_DOOR_TOKENS, 5);
    nlattr* nest = mnl_attr_nest_start(&message.get(), PKNOCK_A_DOOR_COUNTERS);
    for (const CounterField& field : counter_fields)
        message.u64(field.attribute, std::uint64_t{1} << (32 + field.attribute));
    mnl_attr_nest_end(&message.get(), nest);

    const auto door = parse_door(message.get());
    REQUIRE(door);
    CHECK(door->name == "SSH");
    CHECK(door->rules == 2);
    CHECK(door->open == 3);
    CHECK(door->half_open == 4);
    CHECK(door->tokens == 5);
    for (const CounterField& field : counter_fields)
        CHECK(door->counters.*field.value == std::uint64_t{1} << (32 + field.attribute));
}

TEST_CASE("a peer that may pass for good") {
    Message message = open_peer();
    message.u32(PKNOCK_A_PEER_ORIGIN, PKNOCK_ORIGIN_SPA_V1).u8(PKNOCK_A_PEER_PROTOCOL, IPPROTO_UDP);
    const auto peer = parse_peer(message.get());
    REQUIRE(peer);
    CHECK(peer->door == "SSH");
    CHECK(peer->source.text() == "203.0.113.7");
    CHECK(peer->state == State::open);
    CHECK(peer->origin == Origin::spa_v1);
    CHECK(peer->protocol == IPPROTO_UDP);
    CHECK_FALSE(peer->ttl);
}

TEST_CASE("a peer that is on the way, with a prefix and little time") {
    Message message(PKNOCK_CMD_PEER_GET);
    message.text(PKNOCK_A_PEER_DOOR, "SSH").address(PKNOCK_A_PEER_IPV6, "2001:db8::");
    message.u8(PKNOCK_A_PEER_PREFIX, 64).u32(PKNOCK_A_PEER_STATE, PKNOCK_STATE_HALF_OPEN);
    message.u8(PKNOCK_A_PEER_KNOCKS, 2).u64(PKNOCK_A_PEER_TTL, 1500);
    const auto peer = parse_peer(message.get());
    REQUIRE(peer);
    CHECK(peer->source.text() == "2001:db8::/64");
    CHECK(peer->state == State::half_open);
    CHECK_FALSE(peer->origin);
    CHECK(peer->knocks == 2);
    CHECK(peer->ttl == std::chrono::milliseconds(1500));
}

TEST_CASE("events") {
    Message opened(PKNOCK_CMD_OPENED_NTF);
    opened.text(PKNOCK_A_PEER_DOOR, "SSH").address(PKNOCK_A_PEER_IPV4, "203.0.113.7");
    opened.u64(PKNOCK_A_PEER_TIME, 1'763'856'000'000'000'001).flag(PKNOCK_A_PEER_RENEWED);
    opened.u32(PKNOCK_A_PEER_ORIGIN, PKNOCK_ORIGIN_SEQUENCE).u64(PKNOCK_A_PEER_TTL, 30'000);
    auto event = parse_event(opened.get());
    REQUIRE(event);
    REQUIRE(*event);
    CHECK((*event)->kind == EventKind::opened);
    CHECK((*event)->time.time_since_epoch() == std::chrono::nanoseconds(1'763'856'000'000'000'001));
    CHECK((*event)->renewed);
    CHECK((*event)->origin == Origin::sequence);
    CHECK((*event)->ttl == std::chrono::seconds(30));
    CHECK_FALSE((*event)->reason);

    Message refused(PKNOCK_CMD_REFUSED_NTF);
    refused.text(PKNOCK_A_PEER_DOOR, "SSH").address(PKNOCK_A_PEER_IPV6, "2001:db8::7");
    refused.u64(PKNOCK_A_PEER_TIME, 1).u32(PKNOCK_A_PEER_REASON, PKNOCK_REASON_REPLAY);
    event = parse_event(refused.get());
    REQUIRE(event);
    CHECK((*event)->kind == EventKind::refused);
    CHECK((*event)->reason == Reason::replay);
    CHECK_FALSE((*event)->renewed);
}

TEST_CASE("what a newer kernel may add is passed over") {
    Message message = open_peer();
    message.u32(PKNOCK_A_PEER_ORIGIN, 77).u32(31, 1).u32(32, 1).u32(1000, 1);
    const auto peer = parse_peer(message.get());
    REQUIRE(peer);
    CHECK_FALSE(peer->origin);

    const auto event = parse_event(Message(PKNOCK_CMD_REFUSED_NTF + 1).get());
    REQUIRE(event);
    CHECK_FALSE(*event);
}

TEST_CASE("what lacks a part or has one of the wrong size is malformed") {
    CHECK_FALSE(parse_door(Message(PKNOCK_CMD_DOOR_GET).get()));
    CHECK_FALSE(parse_peer(Message(PKNOCK_CMD_PEER_GET).get()));
    CHECK_FALSE(parse_event(Message(PKNOCK_CMD_OPENED_NTF).get()));

    Message no_state(PKNOCK_CMD_PEER_GET);
    no_state.text(PKNOCK_A_PEER_DOOR, "SSH").address(PKNOCK_A_PEER_IPV4, "203.0.113.7");
    CHECK_FALSE(parse_peer(no_state.get()));

    Message short_address(PKNOCK_CMD_PEER_GET);
    short_address.text(PKNOCK_A_PEER_DOOR, "SSH").u8(PKNOCK_A_PEER_IPV4, 10);
    short_address.u32(PKNOCK_A_PEER_STATE, PKNOCK_STATE_OPEN);
    const auto peer = parse_peer(short_address.get());
    REQUIRE_FALSE(peer);
    CHECK(peer.error().code == ExitCode::kernel);
}

TEST_CASE("what is no door's name is malformed, whoever would take it") {
    for (const char* name :
         {"", ".", "a/b", "a\nPKNOCK_ORIGIN=admin", "\xff", "a-name-that-is-longer-than-one-is"}) {
        CAPTURE(name);
        Message door(PKNOCK_CMD_DOOR_GET);
        CHECK_FALSE(parse_door(door.text(PKNOCK_A_DOOR_NAME, name).get()));
        Message message(PKNOCK_CMD_OPENED_NTF);
        message.text(PKNOCK_A_PEER_DOOR, name).address(PKNOCK_A_PEER_IPV4, "203.0.113.7");
        message.u32(PKNOCK_A_PEER_STATE, PKNOCK_STATE_OPEN).u64(PKNOCK_A_PEER_TIME, 1);
        CHECK_FALSE(parse_peer(message.get()));
        CHECK_FALSE(parse_event(message.get()));
    }
}

TEST_CASE("times that no sum can be made with are malformed") {
    constexpr std::uint64_t longest = std::uint64_t{UINT32_MAX} * 1000;
    CHECK(parse_peer(open_peer().u64(PKNOCK_A_PEER_TTL, longest).get())->ttl->count() == longest);
    CHECK_FALSE(parse_peer(open_peer().u64(PKNOCK_A_PEER_TTL, longest + 1).get()));
    CHECK_FALSE(parse_peer(open_peer().u32(PKNOCK_A_PEER_TTL, 1).get())); // not "no end"

    for (const auto& [time, ttl, good] :
         {std::tuple{std::uint64_t{INT64_MAX}, std::uint64_t{1}, true},
          {std::uint64_t{INT64_MAX} + 1, 1, false},
          {1, UINT64_MAX, false}}) {
        Message event(PKNOCK_CMD_OPENED_NTF);
        event.text(PKNOCK_A_PEER_DOOR, "SSH").address(PKNOCK_A_PEER_IPV4, "203.0.113.7");
        event.u64(PKNOCK_A_PEER_TIME, time).u64(PKNOCK_A_PEER_TTL, ttl);
        CHECK(static_cast<bool>(parse_event(event.get())) == good);
    }
}

TEST_CASE("a message cut anywhere is read without harm") {
    Message whole = open_peer();
    const std::uint32_t size = whole.get().nlmsg_len;
    CHECK(parse_peer(whole.get()));
    for (std::uint32_t cut = sizeof(nlmsghdr); cut < size; cut++) {
        CAPTURE(cut);
        whole.get().nlmsg_len = cut;
        CHECK_FALSE(parse_peer(whole.get()));
        CHECK(command_of(whole.get()) ==
              (cut < sizeof(nlmsghdr) + sizeof(genlmsghdr) ? 0 : PKNOCK_CMD_PEER_GET));
    }
}

TEST_CASE("the family's number and its group of events") {
    CHECK(parse_family(family("pknock", "events").get()) == Family{family_id, 5});
    CHECK_FALSE(parse_family(family("pknocks", "events").get()));
    CHECK_FALSE(parse_family(family("pknock", "others").get()));
    CHECK_FALSE(parse_family(Message(CTRL_CMD_NEWFAMILY).get()));
}

TEST_CASE("a request says what it was given, as an answer would") {
    Request request(family_id, PKNOCK_CMD_PEER_ADD, NLM_F_ACK);
    request.put(PKNOCK_A_PEER_DOOR, std::string("SSH")).put(*Target::from_text("2001:db8::/64"));
    request.put(PKNOCK_A_PEER_TTL, std::uint64_t{90'000});
    CHECK(request.header().nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK));
    CHECK(command_of(request.header()) == PKNOCK_CMD_PEER_ADD);

    const auto attributes = Attributes::of_message(request.header(), sizeof(genlmsghdr));
    CHECK(attributes.string(PKNOCK_A_PEER_DOOR) == "SSH");
    CHECK(attributes.bytes(PKNOCK_A_PEER_IPV6, sizeof(in6_addr)));
    CHECK_FALSE(attributes.has(PKNOCK_A_PEER_IPV4));
    CHECK(attributes.u8(PKNOCK_A_PEER_PREFIX) == 64);
    CHECK(attributes.u64(PKNOCK_A_PEER_TTL) == 90'000);
}
