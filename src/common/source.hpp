// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "address.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace portknocko {

// Whom a door is open for: an address, of which the first `prefix` bits count, as in a rule's
// --mask. The other bits are 0.
class Source {
public:
    // `prefix` is cut down to what the address has.
    Source(const Address& address, std::uint8_t prefix);
    explicit Source(const Address& address);

    const Address& address() const { return address_; }
    std::uint8_t prefix() const { return prefix_; }

    // "192.0.2.7", "2001:db8::/64": the prefix is written if it leaves anything out.
    std::string text() const;

    bool operator==(const Source&) const = default;

private:
    Address address_;
    std::uint8_t prefix_;
};

// Whom a request is about. Where it has no prefix, the door's newest rule decides how much of the
// address counts.
class Target {
public:
    // "192.0.2.7", "2001:db8::7/64".
    static Result<Target> from_text(const std::string& text);

    // Implicit: every source can be asked for.
    Target(const Source& source) : address_(source.address()), prefix_(source.prefix()) {}

    const Address& address() const { return address_; }
    std::optional<std::uint8_t> prefix() const { return prefix_; }
    std::string text() const;

private:
    explicit Target(const Address& address) : address_(address) {}

    Address address_;
    std::optional<std::uint8_t> prefix_;
};

} // namespace portknocko
