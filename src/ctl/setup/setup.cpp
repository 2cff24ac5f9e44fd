// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup.hpp"

#include "dialogue.hpp"
#include "guard.hpp"
#include "installation.hpp"
#include "instructions.hpp"
#include "listeners.hpp"
#include "manager.hpp"
#include "output.hpp"
#include "random.hpp"
#include "secrets.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace portknocko::setup {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t token_bytes = 3;

Result<Plan> plan_for(const Options& options) {
    const std::vector<check::Listener> listeners = check::find_listeners();
    const auto taken = [&](std::uint16_t port) {
        return std::any_of(listeners.begin(), listeners.end(),
                           [&](const check::Listener& listener) { return listener.port == port; });
    };
    const Ask take_proposal = [](const std::string& /*question*/,
                                 const std::string& proposal) -> Result<std::string> {
        return proposal;
    };
    return make_plan(options, options.yes || options.json ? take_proposal : ask_on_terminal, taken);
}

Result<firewall::Backend> backend_for(const Options& options) {
    if (!options.backend)
        return firewall::choose_backend();
    return *options.backend == "nft" ? firewall::Backend::nft : firewall::Backend::legacy;
}

Json to_json(const Plan& plan, const Client& client, firewall::Backend backend) {
    Json json{{"door", plan.door},
              {"port", plan.port},
              {"ttl", plan.ttl.count()},
              {"backend", firewall::name_of(backend)}};
    if (const auto* sequence = std::get_if<Sequence>(&plan.method)) {
        json["sequence"] = sequence->ports;
    } else {
        const SecretFiles files = secret_files(secrets_directory, plan.door);
        json["knock_port"] = std::get<Spa>(plan.method).port;
        json["secrets"] = {{"open", files.open}, {"close", files.close}};
        json["copy"] = copy_command(plan, client);
    }
    json["open"] = open_command(plan, client);
    const std::optional<std::string> manager = firewall_manager();
    json["managed_by"] = manager ? Json(*manager) : Json();
    return json;
}

std::string describe_all(const Plan& plan, const Client& client) {
    const std::optional<std::string> manager = firewall_manager();
    return (manager ? describe_manager(*manager) : "") + describe(plan, client);
}

Status print_json(const Json& json) {
    return print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status dry_run(const Options& options, const Plan& plan, const Client& client,
               firewall::Backend backend) {
    const std::string rules = rules_text(plan, {"(hidden)", "(hidden)"}, "");
    if (options.json) {
        Json json = to_json(plan, client, backend);
        json["rules"] = rules;
        return print_json(json);
    }
    std::string text = describe_all(plan, client);
    for (const firewall::Family family : firewall::families())
        text += "# " + firewall::program(family, backend, "restore") + " --noflush\n" + rules;
    return print(text);
}

Status agree(const Options& options) {
    if (options.yes || options.json)
        return Done{};
    const Result<std::string> answer =
        ask_on_terminal("Load the rules now? You have " + std::to_string(options.patience.count()) +
                            " s to confirm that you still get in.",
                        "yes");
    if (!answer)
        return answer.error();
    if (*answer != "yes" && *answer != "y")
        return Error{ExitCode::usage, "nothing was changed"};
    return Done{};
}

// Tells how it ended, if it has; when nobody waits, the guard does.
Status conclude(const Options& options, const Guard& guard, const std::string& token) {
    if (const Status status = print(describe_waiting(token, options.patience)); !status)
        return status.error();
    if (options.yes)
        return Done{};
    if (const Status status = print("or press Enter here, if you have tried it.\n"); !status)
        return status.error();
    const Fate fate = wait_for_enter(guard);
    if (fate != Fate::kept)
        return Error{ExitCode::kernel, describe(fate)};
    return print(describe(fate));
}

Status install(const Options& options, const Plan& plan, const Client& client,
               firewall::Backend backend, const SecretTexts& secrets) {
    const Result<Installation> installation = Installation::prepare(plan, secrets, backend);
    if (!installation)
        return installation.error();
    const Result<std::string> token = random_hex(token_bytes);
    if (!token)
        return token.error();
    const Result<Guard> guard = Guard::start(guard_directory, *token, options.patience,
                                             [&] { return installation->undo(); });
    if (!guard)
        return guard.error();
    if (const Status status = installation->apply(); !status) {
        const Fate fate = guard->undo();
        return Error{status.error().code,
                     status.error().message + (fate == Fate::undone ? "; nothing was changed"
                                                                    : "; see the system's log")};
    }
    if (!options.json)
        return conclude(options, *guard, *token);
    Json json = to_json(plan, client, backend);
    json["token"] = *token;
    json["confirm_within"] = options.patience.count();
    return print_json(json);
}

Status confirm_token(const Options& options) {
    const Result<Fate> fate = confirm(guard_directory, *options.confirm);
    if (!fate)
        return fate.error();
    if (*fate != Fate::kept)
        return Error{ExitCode::kernel, describe(*fate)};
    return options.json ? print_json(Json{{"kept", true}}) : print(describe(*fate));
}

} // namespace

Status setup_ssh(const Options& options) {
    if (options.confirm)
        return confirm_token(options);
    if (!options.dry_run && geteuid() != 0)
        return Error{ExitCode::permission, "only root can change the firewall's rules"};
    const Result<Plan> plan = plan_for(options);
    if (!plan)
        return plan.error();
    const Result<firewall::Backend> backend = backend_for(options);
    if (!backend)
        return backend.error();
    const Client client{host_for_client(), options.client_source};
    if (options.dry_run)
        return dry_run(options, *plan, client, *backend);

    SecretTexts secrets;
    if (std::holds_alternative<Spa>(plan->method)) {
        Result<SecretTexts> provided = provide_secrets(secrets_directory, plan->door);
        if (!provided)
            return provided.error();
        secrets = *std::move(provided);
    }
    if (!options.json)
        if (const Status status = print(describe_all(*plan, client)); !status)
            return status.error();
    if (const Status status = agree(options); !status)
        return status.error();
    return install(options, *plan, client, *backend, secrets);
}

} // namespace portknocko::setup
