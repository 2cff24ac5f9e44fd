// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.hpp"

#include "door.hpp"
#include "random.hpp"
#include "sequence.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>

namespace portknocko::setup {
namespace {

constexpr std::size_t sequence_length = 4;
constexpr std::size_t max_sequence_length = 15;

Error usage(const std::string& message) {
    return {ExitCode::usage, message};
}

template <typename T>
std::optional<T> parse_number(const std::string& text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0)
        return std::nullopt;
    return number;
}

Result<std::uint16_t> parse_port(const std::string& text) {
    const auto port = parse_number<std::uint16_t>(text);
    if (!port)
        return usage("\"" + text + "\" is not a port from 1 to 65535");
    return *port;
}

Result<std::vector<std::uint16_t>> parse_sequence(const std::string& text) {
    std::vector<std::uint16_t> ports;
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');) {
        const Result<std::uint16_t> port = parse_port(entry);
        if (!port)
            return port.error();
        ports.push_back(*port);
    }
    if (ports.empty() || ports.size() > max_sequence_length)
        return usage("a sequence has 1 to 15 ports");
    return ports;
}

// The port of the server to which this session is connected, if it is one.
std::string session_port() {
    const char* connection = std::getenv("SSH_CONNECTION"); // NOLINT(concurrency-mt-unsafe)
    std::istringstream fields(connection != nullptr ? connection : "");
    std::string field;
    for (int i = 0; i < 4; ++i)
        if (!(fields >> field))
            return "22";
    return field;
}

// A sequence that not even a scan of neighbouring ports makes: mostly any that was made up.
Result<std::vector<std::uint16_t>> make_sequence(const std::function<bool(std::uint16_t)>& taken) {
    while (true) {
        Result<std::vector<std::uint16_t>> ports = random_ports(sequence_length, taken);
        if (!ports || (!std::is_sorted(ports->begin(), ports->end()) &&
                       !std::is_sorted(ports->rbegin(), ports->rend())))
            return ports;
    }
}

Result<Method> plan_sequence(const std::string& text,
                             const std::function<bool(std::uint16_t)>& taken) {
    Result<std::vector<std::uint16_t>> ports =
        text.empty() ? make_sequence(taken) : parse_sequence(text);
    if (!ports)
        return ports.error();
    return Method(Sequence{*std::move(ports)});
}

Result<Method> plan_spa(std::optional<std::uint16_t> port,
                        const std::function<bool(std::uint16_t)>& taken) {
    if (port)
        return Method(Spa{*port});
    const Result<std::vector<std::uint16_t>> made = random_ports(1, taken);
    if (!made)
        return made.error();
    return Method(Spa{made->front()});
}

Result<Method> choose_method(const Options& options, const Ask& ask,
                             const std::function<bool(std::uint16_t)>& taken) {
    if (options.sequence)
        return plan_sequence(*options.sequence, taken);
    if (options.spa || options.knock_port)
        return plan_spa(options.knock_port, taken);
    const Result<std::string> answer =
        ask("Open by one authenticated datagram (spa) or by a sequence of knocks (seq)?", "spa");
    if (!answer)
        return answer.error();
    if (*answer == "spa")
        return plan_spa(std::nullopt, taken);
    if (*answer == "seq")
        return plan_sequence("", taken);
    return usage("\"" + *answer + "\" is neither spa nor seq");
}

// The option, or the answer to a question, parsed.
template <typename T, typename Parse>
Result<T> choose(const std::optional<T>& option, const Ask& ask, const std::string& question,
                 const std::string& proposal, Parse parse) {
    if (option)
        return *option;
    const Result<std::string> answer = ask(question, proposal);
    if (!answer)
        return answer.error();
    return parse(*answer);
}

// Knocks never match, so that a port that is a knock would be shut for good.
Status check_ports(const Plan& plan) {
    const auto* sequence = std::get_if<Sequence>(&plan.method);
    if (sequence != nullptr && std::find(sequence->ports.begin(), sequence->ports.end(),
                                         plan.port) != sequence->ports.end())
        return usage("port " + std::to_string(plan.port) + " cannot be one of the knocks");
    return Done{};
}

} // namespace

Result<Plan> make_plan(const Options& options, const Ask& ask,
                       const std::function<bool(std::uint16_t)>& taken) {
    const auto port =
        choose(options.port, ask, "TCP port of the SSH server?", session_port(), parse_port);
    if (!port)
        return port.error();
    const std::string door = options.door.value_or("SSH");
    if (!is_door_name(door) || door.size() > max_door_size)
        return usage("--door must be 1 to " + std::to_string(max_door_size) +
                     R"( of A-Z, a-z, 0-9, "_", "." and "-")");
    Result<Method> method = choose_method(options, ask, taken);
    if (!method)
        return method.error();
    const auto ttl = choose(options.ttl, ask, "Seconds in which to connect after knocking?", "30",
                            [](const std::string& text) -> Result<std::chrono::seconds> {
                                const auto seconds = parse_number<std::uint32_t>(text);
                                if (!seconds)
                                    return usage("\"" + text + "\" is not a number of seconds");
                                return std::chrono::seconds(*seconds);
                            });
    if (!ttl)
        return ttl.error();
    Plan plan{door, *port, *std::move(method), *ttl};
    if (const Status status = check_ports(plan); !status)
        return status.error();
    return plan;
}

} // namespace portknocko::setup
