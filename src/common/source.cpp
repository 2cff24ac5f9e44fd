// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>

namespace portknocko {
namespace {

std::uint8_t width(const Address& address) {
    return static_cast<std::uint8_t>(address.bytes().size() * CHAR_BIT);
}

// The interface of a link-local address goes, too: doors do not know of any.
Address masked(const Address& address, unsigned prefix) {
    std::array<std::uint8_t, sizeof(in6_addr)> bytes{};
    const auto all = address.bytes();
    std::copy(all.begin(), all.end(), bytes.begin());
    for (unsigned i = 0; i < all.size(); i++) {
        const unsigned kept = std::min<unsigned>(prefix - std::min(prefix, i * CHAR_BIT), CHAR_BIT);
        bytes.at(i) &= static_cast<std::uint8_t>(UCHAR_MAX << (CHAR_BIT - kept));
    }
    return Address::from_bytes(std::span(bytes).first(all.size()));
}

} // namespace

Source::Source(const Address& address, std::uint8_t prefix)
    : address_(masked(address, prefix)), prefix_(std::min(prefix, width(address))) {
}

Source::Source(const Address& address) : Source(address, width(address)) {
}

std::string Source::text() const {
    const bool is_host = prefix_ == width(address_);
    return is_host ? address_.text() : address_.text() + "/" + std::to_string(prefix_);
}

Result<Target> Target::from_text(const std::string& text) {
    const std::size_t slash = text.find('/');
    const Result<Address> address = Address::from_text(text.substr(0, slash));
    if (!address)
        return address.error();
    if (address->is_scoped())
        return Error{ExitCode::usage, "\"" + text + "\" names an interface, which no door knows"};
    if (slash == std::string::npos)
        return Target(*address);

    unsigned prefix = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data() + slash + 1, end, prefix);
    if (problem != std::errc{} || rest != end || prefix < 1 || prefix > width(*address))
        return Error{ExitCode::usage, "\"" + text + "\": the prefix of an " +
                                          address->family_name() + " address is 1 to " +
                                          std::to_string(width(*address))};
    return Target(Source(*address, static_cast<std::uint8_t>(prefix)));
}

std::string Target::text() const {
    return prefix_ ? Source(address_, *prefix_).text() : address_.text();
}

} // namespace portknocko
