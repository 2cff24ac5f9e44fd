// SPDX-License-Identifier: GPL-2.0-or-later
#include "knock.hpp"

#include <charconv>

namespace portknocko {
namespace {

// The match takes any datagram for a knock, but some middleboxes drop those without a payload.
constexpr std::string_view udp_knock_payload = "\n";

// Cuts off and returns what stands before the first comma; all of `text` where there is none.
std::string_view cut_item(std::string_view& text, bool& more) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());
    return item;
}

Result<Knock> parse_knock(std::string_view text, Protocol default_protocol) {
    Knock knock{.protocol = default_protocol, .port = 0, .payload = {}};
    std::string_view port_text = text;
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        const std::string_view name = text.substr(0, slash);
        if (name != "tcp" && name != "udp")
            return Error{ExitCode::usage, "\"" + std::string(text) +
                                              "\" is not a knock: the protocol is tcp or udp"};
        knock.protocol = name == "tcp" ? Protocol::tcp : Protocol::udp;
        port_text.remove_prefix(slash + 1);
    }
    const Result<std::uint16_t> port = parse_port(port_text);
    if (!port)
        return port.error();
    knock.port = *port;
    if (knock.protocol == Protocol::udp)
        knock.payload = udp_knock_payload;
    return knock;
}

} // namespace

const char* protocol_name(Protocol protocol) {
    return protocol == Protocol::tcp ? "tcp" : "udp";
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), port);
    if (error != std::errc{} || end != text.end() || port == 0)
        return Error{ExitCode::usage,
                     "\"" + std::string(text) + "\" is not a port: ports are 1 to 65535"};
    return port;
}

Result<std::vector<Knock>> parse_knocks(const std::vector<std::string>& words,
                                        Protocol default_protocol) {
    std::vector<Knock> knocks;
    for (std::string_view rest : words) {
        bool more = true;
        while (more) {
            Result<Knock> knock = parse_knock(cut_item(rest, more), default_protocol);
            if (!knock)
                return knock.error();
            knocks.push_back(*std::move(knock));
        }
    }
    if (knocks.size() > max_knocks)
        return Error{ExitCode::usage,
                     "a door has at most " + std::to_string(max_knocks) + " knocks"};
    return knocks;
}

} // namespace portknocko
