// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "address.hpp"

#include <cstdint>
#include <string>

namespace portknocko {

// Whom a door opens for: an address, of which the first `prefix` bits count, as in a rule's --mask.
// The other bits are 0.
class Source {
public:
    // "192.0.2.7", "2001:db8::/64". Bits that the prefix does not cover are cleared.
    static Result<Source> from_text(const std::string& text);

    // `prefix` is cut down to what the address has.
    Source(const Address& address, std::uint8_t prefix);
    explicit Source(const Address& address);

    const Address& address() const { return address_; }
    std::uint8_t prefix() const { return prefix_; }
    bool is_host() const;

    // The prefix is written if it leaves anything out.
    std::string text() const;

    bool operator==(const Source&) const = default;

private:
    Address address_;
    std::uint8_t prefix_;
};

} // namespace portknocko
