// SPDX-License-Identifier: GPL-2.0-or-later
// What pknockd binds to and what it puts into nft's commands: no text gets through that means
// something else there.
#include "fuzz.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <listen_address.hpp>
#include <netinet/in.h>
#include <set_name.hpp>

using namespace portknocko;

namespace {

// Where the kernel would listen, in the words of the configuration.
std::string place_of(const ListenAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (address.data()->sa_family == AF_UNIX) {
        sockaddr_un place{};
        REQUIRE(address.size() <= sizeof(place));
        std::memcpy(&place, address.data(), address.size());
        REQUIRE(std::memchr(place.sun_path, '\0', sizeof(place.sun_path)) != nullptr);
        return std::string("unix:") + place.sun_path;
    }
    if (address.data()->sa_family == AF_INET) {
        sockaddr_in place{};
        REQUIRE(address.size() == sizeof(place));
        std::memcpy(&place, address.data(), sizeof(place));
        inet_ntop(AF_INET, &place.sin_addr, host.data(), host.size());
        return std::string(host.data()) + ":" + std::to_string(ntohs(place.sin_port));
    }
    sockaddr_in6 place{};
    REQUIRE(address.size() == sizeof(place));
    std::memcpy(&place, address.data(), sizeof(place));
    inet_ntop(AF_INET6, &place.sin6_addr, host.data(), host.size());
    return "[" + std::string(host.data()) + "]:" + std::to_string(ntohs(place.sin6_port));
}

void try_listen(const std::string& text) {
    const auto address = ListenAddress::from_text(text);
    if (!address)
        return;
    const std::string place = place_of(*address);
    REQUIRE(place.starts_with("unix:/") || place.starts_with("127.") ||
            place.starts_with("[::1]:"));
    REQUIRE(text.find('\0') == std::string::npos);
    if (!address->path().empty())
        REQUIRE(place == text && "unix:" + address->path() == text);
    const auto again = ListenAddress::from_text(place);
    REQUIRE(again && place_of(*again) == place);
}

// One that needs no quotes in nft's language.
bool is_plain(const std::string& word) {
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return !word.empty() && word.size() <= 127 && is_letter(word.front()) &&
           std::all_of(word.begin(), word.end(), [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
           });
}

bool is_set(const std::string& text) {
    fuzz::Input words(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    const std::string family = words.text_until(' ');
    const std::string table = words.text_until(' ');
    const bool known = family == "ip" || family == "ip6" || family == "inet" ||
                       family == "bridge" || family == "netdev";
    return known && is_plain(table) && is_plain(words.rest());
}

void try_set(const std::string& text) {
    const auto set = SetName::from_text(text);
    if (is_set(text))
        REQUIRE(set && set->text() == text);
    if (set)
        REQUIRE(is_set(set->text()));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    if (input.flag())
        try_set(input.rest());
    else
        try_listen(input.rest());
    return 0;
}
