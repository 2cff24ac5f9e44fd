// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.hpp"

#include "hex.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace portknocko {

std::string to_json(const Plan& plan, bool sent) {
    using Json = nlohmann::ordered_json;
    Json packets = Json::array();
    for (const Knock& knock : plan.knocks)
        packets.push_back({{"protocol", protocol_name(knock.protocol)},
                           {"port", knock.port},
                           {"payload_hex", to_hex(knock.payload)}});

    Json report{{"command", plan.command},
                {"host", plan.host},
                {"family", plan.destination.family() == AF_INET ? "ipv4" : "ipv6"},
                {"destination", plan.destination.text()},
                {"local", plan.local.text()}};
    if (plan.token) {
        report["source"] = plan.token->source.text();
        report["minute"] = plan.token->minute;
    } else {
        report["delay_ms"] = plan.delay.count();
    }
    report["packets"] = std::move(packets);
    report["sent"] = sent;
    // A host name may be any bytes; JSON is UTF-8.
    return report.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_text(const Plan& plan) {
    std::string text = plan.command + " " + plan.host + ": from " + plan.local.text() + " to " +
                       plan.destination.text();
    if (plan.token)
        text += ", token for " + plan.token->source.text() + " in minute " +
                std::to_string(plan.token->minute);
    else
        text += ", " + std::to_string(plan.delay.count()) + " ms apart";
    for (const Knock& knock : plan.knocks) {
        text +=
            std::string("\n") + protocol_name(knock.protocol) + "/" + std::to_string(knock.port);
        if (plan.token)
            text += " " + knock.payload.substr(0, knock.payload.find('\n'));
    }
    return text;
}

} // namespace portknocko
