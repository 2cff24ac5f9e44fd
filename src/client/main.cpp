// SPDX-License-Identifier: GPL-2.0-or-later
// pknock: knocks at a door that xt_pknock keeps.
#include "options.hpp"
#include "output.hpp"
#include "process.hpp"
#include "report.hpp"
#include "route.hpp"
#include "sender.hpp"
#include "spa_v1.hpp"

#include <cerrno>
#include <exception>
#include <iostream>

namespace portknocko {
namespace {

void say(const std::string& message) {
    std::cerr << "pknock: " + message + "\n";
}

int report_error(const Error& error) {
    say(error.message);
    return static_cast<int>(error.code);
}

Result<Plan> plan_sequence(const Options& options, const SequenceCommand& command) {
    const Result<Route> route =
        find_route(options.host, options.family, command.knocks.front().port, std::nullopt);
    if (!route)
        return route.error();
    return Plan{.command = options.name,
                .host = options.host,
                .destination = route->destination,
                .local = route->local,
                .token = {},
                .knocks = command.knocks,
                .delay = command.delay};
}

Result<Plan> plan_token(const Options& options, const TokenCommand& command) {
    const Result<Route> route =
        find_route(options.host, options.family, command.port, command.source);
    if (!route)
        return route.error();
    const Result<Secret> secret = load_secret(command.secret);
    if (!secret)
        return secret.error();

    // The minute is taken last: the name's resolution and the prompt may have lasted.
    const TokenClaims claims{command.source.value_or(route->local),
                             epoch_minute(std::chrono::system_clock::now())};
    Result<std::string> payload = spa_v1_payload(*secret, claims.source, claims.minute);
    if (!payload)
        return payload.error();
    return Plan{.command = options.name,
                .host = options.host,
                .destination = route->destination,
                .local = route->local,
                .token = claims,
                .knocks = {{Protocol::udp, command.port, *std::move(payload)}}};
}

Result<Plan> make_plan(const Options& options) {
    if (const auto* sequence = std::get_if<SequenceCommand>(&options.command))
        return plan_sequence(options, *sequence);
    return plan_token(options, std::get<TokenCommand>(options.command));
}

Status execute(const Options& options) {
    const Result<Plan> plan = make_plan(options);
    if (!plan)
        return plan.error();

    if (!options.dry_run) {
        const auto tell = [&](const Knock& knock) {
            if (options.verbose)
                say(std::string("sent ") + protocol_name(knock.protocol) + "/" +
                    std::to_string(knock.port) + " from " + plan->local.text() + " to " +
                    plan->destination.text());
        };
        if (const Status status = send_knocks(*plan, tell); !status)
            return status.error();
    }
    if (options.json)
        return print(to_json(*plan, !options.dry_run) + "\n");
    if (options.dry_run)
        return print(to_text(*plan) + "\n");
    return Done{};
}

int run(int argc, const char* const* argv) {
    if (!open_standard_streams() || !forbid_memory_dumps())
        return report_error(system_error(ExitCode::internal, "cannot protect this process", errno));

    const auto parsed = parse_options(argc, argv);
    if (!parsed)
        return report_error(parsed.error());
    const auto* notice = std::get_if<Notice>(&*parsed);
    const Status status =
        notice != nullptr ? print(notice->text) : execute(std::get<Options>(*parsed));
    return status ? static_cast<int>(ExitCode::ok) : report_error(status.error());
}

} // namespace
} // namespace portknocko

int main(int argc, char** argv) {
    try {
        return portknocko::run(argc, argv);
    } catch (const std::exception& error) { // thrown by libraries: memory, mostly
        return portknocko::report_error({portknocko::ExitCode::internal, error.what()});
    }
}
