// SPDX-License-Identifier: GPL-2.0-or-later
// The short texts that people write: durations, times, addresses, prefixes, ports, knocks, names of
// doors. Each parser is beside another way to say what it takes.
#include "fuzz.hpp"

#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <door.hpp>
#include <duration.hpp>
#include <knock.hpp>
#include <listeners.hpp>
#include <optional>
#include <rfc3339.hpp>
#include <source.hpp>

extern "C" {
#include "check.h"
}

using namespace portknocko;

namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// As a person would work it out; nothing that is said here has more than 18 digits.
std::optional<std::uint64_t> whole(std::string_view text, std::uint64_t most) {
    if (!all_digits(text))
        return {};
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    if (text.size() > 18)
        return {};
    std::uint64_t value = 0;
    for (const char c : text)
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    return value <= most ? std::optional(value) : std::nullopt;
}

void try_duration(const std::string& text) {
    constexpr std::string_view letters = "smhd";
    constexpr std::array<std::uint64_t, 4> lengths{1, 60, 3600, 86400};
    const std::size_t unit = text.empty() ? std::string_view::npos : letters.find(text.back());
    const bool named = unit != std::string_view::npos;
    const auto count =
        whole(std::string_view(text).substr(0, text.size() - (named ? 1 : 0)), UINT32_MAX);
    const std::uint64_t seconds = count.value_or(0) * (named ? lengths.at(unit) : 1);

    const auto duration = ctl::parse_duration(text);
    REQUIRE(static_cast<bool>(duration) == (seconds > 0 && seconds <= UINT32_MAX));
    if (duration) {
        REQUIRE(duration->count() == static_cast<std::int64_t>(seconds) * 1000);
        REQUIRE(ctl::duration_text(*duration) != "0s");
    }
}

bool is_leap(unsigned year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// The number at a place, where there have to be digits.
std::optional<unsigned> field(const std::string& text, std::size_t at, std::size_t size) {
    const auto value = whole(std::string_view(text).substr(at, size), 9999);
    return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

// Of a time between 1678 and 2261, which a count of nanoseconds is sure to hold.
bool is_time(const std::string& text) {
    constexpr std::array<unsigned, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (text.size() != 24)
        return false;
    for (const auto& [at, mark] : {std::pair<std::size_t, char>{4, '-'},
                                   {7, '-'},
                                   {10, 'T'},
                                   {13, ':'},
                                   {16, ':'},
                                   {19, '.'},
                                   {23, 'Z'}})
        if (text.at(at) != mark)
            return false;
    const auto year = field(text, 0, 4), month = field(text, 5, 2), day = field(text, 8, 2);
    const auto hour = field(text, 11, 2), minute = field(text, 14, 2), second = field(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || !field(text, 20, 3))
        return false;
    return *year >= 1678 && *year <= 2261 && *month >= 1 && *month <= 12 && *day >= 1 &&
           *day <= lengths.at(*month - 1) + (*month == 2 && is_leap(*year) ? 1 : 0) && *hour < 24 &&
           *minute < 60 && *second < 60;
}

void try_time(const std::string& text) {
    const auto time = parse_rfc3339(text);
    if (time)
        REQUIRE(to_rfc3339(*time) == text);
    if (is_time(text))
        REQUIRE(time);
    else if (text.size() >= 4 && text.compare(0, 4, "1679") > 0 && text.compare(0, 4, "2261") < 0)
        REQUIRE(!time);
}

void try_address(const std::string& text) {
    const auto address = Address::from_text(text);
    if (!address)
        return;
    REQUIRE(text.find('\0') == std::string::npos);
    const auto again = Address::from_text(address->text());
    REQUIRE(again && *again == *address);
    std::array<char, INET6_ADDRSTRLEN> name{};
    REQUIRE(inet_ntop(address->family(), address->bytes().data(), name.data(), name.size()));
    REQUIRE(address->text().starts_with(name.data()));
    REQUIRE(Address::from_sockaddr(address->with_port(22).data()) == *address);
    (void)address->is_unicast();
}

void try_target(const std::string& text) {
    const auto target = Target::from_text(text);
    if (!target)
        return;
    const std::size_t bits = target->address().bytes().size() * 8;
    const std::size_t slash = text.find('/');
    REQUIRE(target->prefix().has_value() == (slash != std::string::npos));
    if (target->prefix()) {
        REQUIRE(whole(std::string_view(text).substr(slash + 1), bits) == *target->prefix());
        REQUIRE(*target->prefix() >= 1);
    }
    const auto again = Target::from_text(target->text());
    REQUIRE(again && again->address() == target->address());
    REQUIRE(!target->address().is_scoped());
}

void try_port(const std::string& text) {
    const auto port = parse_port(text);
    const auto expected = whole(text, UINT16_MAX);
    REQUIRE(static_cast<bool>(port) == (expected && *expected > 0));
    if (port)
        REQUIRE(*port == *expected);
}

// "tcp/2002", "udp/2001" or "2002".
bool is_knock(std::string_view text) {
    if (text.starts_with("tcp/") || text.starts_with("udp/"))
        text.remove_prefix(4);
    const auto port = whole(text, UINT16_MAX);
    return port && *port > 0;
}

void try_knocks(const std::string& text) {
    std::size_t count = 1;
    bool right = true;
    std::size_t begin = 0;
    for (std::size_t comma = 0; (comma = text.find(',', begin)) != std::string::npos; count++) {
        right = right && is_knock(std::string_view(text).substr(begin, comma - begin));
        begin = comma + 1;
    }
    right = right && is_knock(std::string_view(text).substr(begin));

    const auto knocks = parse_knocks({text}, Protocol::tcp);
    REQUIRE(static_cast<bool>(knocks) == (right && count <= max_knocks));
    if (!knocks)
        return;
    REQUIRE(knocks->size() == count);
    for (const Knock& knock : *knocks)
        REQUIRE(knock.port != 0 && knock.payload.empty() == (knock.protocol == Protocol::tcp));
}

// Whoever refuses names more strictly than the kernel, or less, surprises.
void try_name(std::string text) {
    const bool is_name = is_door_name(text);
    if (text.find('\0') != std::string::npos) {
        REQUIRE(!is_name);
        return;
    }
    text.resize(std::max<std::size_t>(text.size() + 1, XT_PKNOCK_NAME_SIZE));
    REQUIRE(is_name == pknock_is_name(text.c_str()));
}

void try_listeners(const std::string& text) {
    for (const auto& listener : check::parse_listeners(text, "tcp"))
        REQUIRE(listener.protocol == "tcp");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array parsers{try_duration, try_time, try_address,
                                 try_target,   try_port, try_knocks};
    fuzz::Input input(data, size);
    const std::uint8_t choice = input.byte() % 8;
    const std::string text = input.rest();
    if (choice < parsers.size())
        parsers.at(choice)(text);
    else if (choice == 6)
        try_name(text);
    else
        try_listeners(text);
    return 0;
}
