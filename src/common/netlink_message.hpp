// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of netlink, above all of the families pknock and nlctrl: made and read, without a
// socket.
#pragma once

#include "door.hpp"

#include <array>
#include <cstddef>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netfilter/nfnetlink.h>
#include <optional>

namespace portknocko {

// A request in the making.
class Request {
public:
    // To a generic netlink family, or to a part of netfilter.
    Request(std::uint16_t family, std::uint8_t command, std::uint16_t flags);
    Request(std::uint16_t type, std::uint16_t flags, const nfgenmsg& header);

    Request& put(std::uint16_t type, std::uint8_t value);
    Request& put(std::uint16_t type, std::uint64_t value);
    Request& put(std::uint16_t type, const std::string& value);
    Request& put_flag(std::uint16_t type);
    Request& put(const Target& target); // attributes of the set "peer"

    nlmsghdr& header();

private:
    // Room for the longest of them: a name and an address; mnl_attr_put_check keeps to it.
    alignas(nlmsghdr) std::array<std::byte, 512> buffer_{};
};

// Attributes by type; the first of a type counts, and those that this program does not know are
// passed over, as a newer kernel may send them. What is there, but of the wrong size, counts as
// not there. Refers to the message.
class Attributes {
public:
    static Attributes of_message(const nlmsghdr& message, std::size_t family_header);
    static Attributes of_nest(const nlattr& nest);

    bool has(std::uint16_t type) const { return find(type) != nullptr; }
    std::optional<std::uint8_t> u8(std::uint16_t type) const;
    std::optional<std::uint16_t> u16(std::uint16_t type) const;
    std::optional<std::uint32_t> u32(std::uint16_t type) const;
    std::optional<std::uint64_t> u64(std::uint16_t type) const;
    std::optional<std::string> string(std::uint16_t type) const;
    std::optional<std::span<const std::uint8_t>> bytes(std::uint16_t type, std::size_t size) const;
    const nlattr* nest(std::uint16_t type) const;

private:
    Attributes() = default;
    Attributes(const void* first, std::size_t size);
    const nlattr* find(std::uint16_t type) const;

    std::array<const nlattr*, 32> found_{};
};

// What a family is called by in this network namespace while its module is loaded.
struct Family {
    std::uint16_t id;
    std::uint32_t events; // the multicast group

    bool operator==(const Family&) const = default;
};

// Each takes a message of its command; what it lacks is an error. `message` must be whole.
Result<Door> parse_door(const nlmsghdr& message);
Result<Peer> parse_peer(const nlmsghdr& message);

// None: of a command that this program does not know.
Result<std::optional<Event>> parse_event(const nlmsghdr& message);

// A message of nlctrl. None: of another family, or of one that has no group "events".
std::optional<Family> parse_family(const nlmsghdr& message);

std::uint8_t command_of(const nlmsghdr& message);

} // namespace portknocko
