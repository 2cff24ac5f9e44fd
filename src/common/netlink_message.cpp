// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink_message.hpp"

#include <cstdint>
#include <cstring>

namespace portknocko {
namespace {

constexpr std::size_t genl_header_size = sizeof(genlmsghdr);

Error malformed(const char* what) {
    return {ExitCode::kernel, std::string("the kernel sent a malformed ") + what};
}

template <typename Number>
std::optional<Number> number(const nlattr* attribute) {
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != sizeof(Number))
        return {};
    Number value{}; // 64 bits may be aligned to 4 bytes only
    std::memcpy(&value, mnl_attr_get_payload(attribute), sizeof(value));
    return value;
}

template <typename Enum>
std::optional<Enum> enumerated(std::optional<std::uint32_t> value, Enum last) {
    if (!value || *value > static_cast<std::uint32_t>(last))
        return {};
    return static_cast<Enum>(*value);
}

std::optional<Source> source_in(const Attributes& attributes) {
    auto bytes = attributes.bytes(PKNOCK_A_PEER_IPV4, sizeof(in_addr));
    if (!bytes)
        bytes = attributes.bytes(PKNOCK_A_PEER_IPV6, sizeof(in6_addr));
    if (!bytes)
        return {};
    const Address address = Address::from_bytes(*bytes);
    const auto prefix = attributes.u8(PKNOCK_A_PEER_PREFIX);
    return prefix ? Source(address, *prefix) : Source(address);
}

// Names come to the environment of hooks, to the journal and into files: only what is one passes.
std::optional<std::string> door_in(const Attributes& attributes, std::uint16_t type) {
    auto name = attributes.string(type);
    return name && is_door_name(*name) ? std::move(name) : std::nullopt;
}

// What is longer than a rule's --ttl can be must not become "no end".
bool has_good_ttl(const Attributes& attributes) {
    constexpr std::uint64_t longest = std::uint64_t{UINT32_MAX} * 1000;
    return !attributes.has(PKNOCK_A_PEER_TTL) ||
           attributes.u64(PKNOCK_A_PEER_TTL).value_or(longest + 1) <= longest;
}

std::optional<std::chrono::milliseconds> ttl_in(const Attributes& attributes) {
    const auto ttl = attributes.u64(PKNOCK_A_PEER_TTL);
    return ttl ? std::optional(std::chrono::milliseconds(*ttl)) : std::nullopt;
}

std::optional<std::chrono::system_clock::time_point> time_in(const Attributes& attributes) {
    const auto time = attributes.u64(PKNOCK_A_PEER_TIME);
    if (!time || *time > INT64_MAX)
        return std::nullopt; // gcc 10 sees through this
    return std::chrono::system_clock::time_point(std::chrono::nanoseconds(*time));
}

Counters counters_in(const Attributes& attributes) {
    Counters counters;
    for (const CounterField& field : counter_fields)
        counters.*field.value = attributes.u64(field.attribute).value_or(0);
    return counters;
}

std::optional<std::uint32_t> group_in(const nlattr& groups, const char* name) {
    // An array: each element is a nest, the type its index.
    const auto elements = Attributes::of_nest(groups);
    for (std::uint16_t i = 1; elements.has(i); i++) {
        const auto group = Attributes::of_nest(*elements.nest(i));
        if (group.string(CTRL_ATTR_MCAST_GRP_NAME) == name)
            return group.u32(CTRL_ATTR_MCAST_GRP_ID);
    }
    return std::nullopt;
}

} // namespace

Request::Request(std::uint16_t family, std::uint8_t command, std::uint16_t flags) {
    nlmsghdr* message = mnl_nlmsg_put_header(buffer_.data());
    message->nlmsg_type = family;
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    auto* generic =
        static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(message, sizeof(genlmsghdr)));
    generic->cmd = command;
    generic->version = PKNOCK_FAMILY_VERSION;
}

Request::Request(std::uint16_t type, std::uint16_t flags, const nfgenmsg& header) {
    nlmsghdr* message = mnl_nlmsg_put_header(buffer_.data());
    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    *static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(header))) = header;
}

nlmsghdr& Request::header() {
    return *static_cast<nlmsghdr*>(static_cast<void*>(buffer_.data()));
}

Request& Request::put(std::uint16_t type, std::uint8_t value) {
    mnl_attr_put_u8_check(&header(), buffer_.size(), type, value);
    return *this;
}

Request& Request::put(std::uint16_t type, std::uint64_t value) {
    mnl_attr_put_u64_check(&header(), buffer_.size(), type, value);
    return *this;
}

Request& Request::put(std::uint16_t type, const std::string& value) {
    mnl_attr_put_strz_check(&header(), buffer_.size(), type, value.c_str());
    return *this;
}

Request& Request::put_flag(std::uint16_t type) {
    mnl_attr_put_check(&header(), buffer_.size(), type, 0, nullptr);
    return *this;
}

Request& Request::put(const Target& target) {
    const auto bytes = target.address().bytes();
    const bool is_v4 = target.address().family() == AF_INET;
    mnl_attr_put_check(&header(), buffer_.size(), is_v4 ? PKNOCK_A_PEER_IPV4 : PKNOCK_A_PEER_IPV6,
                       bytes.size(), bytes.data());
    return target.prefix() ? put(PKNOCK_A_PEER_PREFIX, *target.prefix()) : *this;
}

Attributes::Attributes(const void* first, std::size_t size) {
    const auto* attribute = static_cast<const nlattr*>(first);
    auto left = static_cast<int>(size);
    while (mnl_attr_ok(attribute, left)) {
        const std::uint16_t type = mnl_attr_get_type(attribute);
        if (type < found_.size() && found_.at(type) == nullptr)
            found_.at(type) = attribute;
        left -= static_cast<int>(MNL_ALIGN(attribute->nla_len));
        attribute = mnl_attr_next(attribute);
    }
}

Attributes Attributes::of_message(const nlmsghdr& message, std::size_t family_header) {
    const std::size_t payload = mnl_nlmsg_get_payload_len(&message);
    const std::size_t before = MNL_ALIGN(family_header);
    if (payload < before)
        return {};
    return {mnl_nlmsg_get_payload_offset(&message, before), payload - before};
}

Attributes Attributes::of_nest(const nlattr& nest) {
    return {mnl_attr_get_payload(&nest), mnl_attr_get_payload_len(&nest)};
}

const nlattr* Attributes::find(std::uint16_t type) const {
    return type < found_.size() ? found_.at(type) : nullptr;
}

std::optional<std::uint8_t> Attributes::u8(std::uint16_t type) const {
    return number<std::uint8_t>(find(type));
}

std::optional<std::uint16_t> Attributes::u16(std::uint16_t type) const {
    return number<std::uint16_t>(find(type));
}

std::optional<std::uint32_t> Attributes::u32(std::uint16_t type) const {
    return number<std::uint32_t>(find(type));
}

std::optional<std::uint64_t> Attributes::u64(std::uint16_t type) const {
    return number<std::uint64_t>(find(type));
}

std::optional<std::string> Attributes::string(std::uint16_t type) const {
    const nlattr* attribute = find(type);
    if (attribute == nullptr)
        return {};
    const char* text = mnl_attr_get_str(attribute);
    return std::string(text, strnlen(text, mnl_attr_get_payload_len(attribute)));
}

std::optional<std::span<const std::uint8_t>> Attributes::bytes(std::uint16_t type,
                                                               std::size_t size) const {
    const nlattr* attribute = find(type);
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != size)
        return {};
    return std::span(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)), size);
}

const nlattr* Attributes::nest(std::uint16_t type) const {
    return find(type);
}

std::uint8_t command_of(const nlmsghdr& message) {
    if (mnl_nlmsg_get_payload_len(&message) < genl_header_size)
        return 0;
    return static_cast<const genlmsghdr*>(mnl_nlmsg_get_payload(&message))->cmd;
}

Result<Door> parse_door(const nlmsghdr& message) {
    const auto attributes = Attributes::of_message(message, genl_header_size);
    auto name = door_in(attributes, PKNOCK_A_DOOR_NAME);
    if (!name)
        return malformed("door");
    Door door{.name = *std::move(name),
              .rules = attributes.u32(PKNOCK_A_DOOR_RULES).value_or(0),
              .open = attributes.u32(PKNOCK_A_DOOR_OPEN).value_or(0),
              .half_open = attributes.u32(PKNOCK_A_DOOR_HALF_OPEN).value_or(0),
              .tokens = attributes.u32(PKNOCK_A_DOOR_TOKENS).value_or(0),
              .counters = {}};
    if (const nlattr* counters = attributes.nest(PKNOCK_A_DOOR_COUNTERS))
        door.counters = counters_in(Attributes::of_nest(*counters));
    return door;
}

Result<Peer> parse_peer(const nlmsghdr& message) {
    const auto attributes = Attributes::of_message(message, genl_header_size);
    auto door = door_in(attributes, PKNOCK_A_PEER_DOOR);
    const auto source = source_in(attributes);
    const auto state = enumerated(attributes.u32(PKNOCK_A_PEER_STATE), State::half_open);
    if (!door || !source || !state || !has_good_ttl(attributes))
        return malformed("peer");
    return Peer{.door = *std::move(door),
                .source = *source,
                .state = *state,
                .origin = enumerated(attributes.u32(PKNOCK_A_PEER_ORIGIN), Origin::admin),
                .protocol = attributes.u8(PKNOCK_A_PEER_PROTOCOL).value_or(0),
                .knocks = attributes.u8(PKNOCK_A_PEER_KNOCKS).value_or(0),
                .ttl = ttl_in(attributes)};
}

Result<std::optional<Event>> parse_event(const nlmsghdr& message) {
    const std::uint8_t command = command_of(message);
    if (command < PKNOCK_CMD_OPENED_NTF || command > PKNOCK_CMD_REFUSED_NTF)
        return std::optional<Event>{};
    const auto attributes = Attributes::of_message(message, genl_header_size);
    auto door = door_in(attributes, PKNOCK_A_PEER_DOOR);
    const auto source = source_in(attributes);
    const auto time = time_in(attributes);
    if (!door || !source || !time || !has_good_ttl(attributes))
        return malformed("event");
    return std::optional(
        Event{.kind = static_cast<EventKind>(command),
              .door = *std::move(door),
              .source = *source,
              .time = *time,
              .origin = enumerated(attributes.u32(PKNOCK_A_PEER_ORIGIN), Origin::admin),
              .protocol = attributes.u8(PKNOCK_A_PEER_PROTOCOL).value_or(0),
              .knocks = attributes.u8(PKNOCK_A_PEER_KNOCKS).value_or(0),
              .ttl = ttl_in(attributes),
              .renewed = attributes.has(PKNOCK_A_PEER_RENEWED),
              .reason = enumerated(attributes.u32(PKNOCK_A_PEER_REASON), Reason::full)});
}

std::optional<Family> parse_family(const nlmsghdr& message) {
    const auto attributes = Attributes::of_message(message, genl_header_size);
    const auto id = attributes.u16(CTRL_ATTR_FAMILY_ID);
    const nlattr* groups = attributes.nest(CTRL_ATTR_MCAST_GROUPS);
    if (attributes.string(CTRL_ATTR_FAMILY_NAME) != PKNOCK_FAMILY_NAME || !id || groups == nullptr)
        return {};
    const auto events = group_in(*groups, PKNOCK_MCGRP_EVENTS);
    return events ? std::optional(Family{*id, *events}) : std::nullopt;
}

} // namespace portknocko
