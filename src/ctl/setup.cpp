// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup/setup.hpp"

#include "command.hpp"
#include "process.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

namespace portknocko::ctl {
namespace {

constexpr int max_patience = 3600;

// Seconds as the command line has them.
struct Arguments {
    setup::Options options;
    std::optional<std::uint32_t> ttl;
    int patience = 60;
};

Result<ExitCode> setup_ssh(const Arguments& arguments) {
    if (!forbid_memory_dumps())
        return system_error(ExitCode::internal, "cannot protect this process", errno);
    setup::Options options = arguments.options;
    options.patience = std::chrono::seconds(arguments.patience);
    if (arguments.ttl)
        options.ttl = std::chrono::seconds(*arguments.ttl);
    const Status status = setup::setup_ssh(options);
    if (!status)
        return status.error();
    return ExitCode::ok;
}

void add_door_options(CLI::App& command, Arguments& arguments) {
    setup::Options& options = arguments.options;
    const CLI::Range port(1, 65535);
    command.add_option("--port", options.port, "TCP port of the SSH server")
        ->check(port)
        ->type_name("PORT");
    command.add_option("--door", options.door, "the rules' --name (default: SSH)")
        ->type_name("DOOR");
    auto* sequence = command.add_option("--sequence", options.sequence,
                                        "open by knocks at TCP ports; without PORTS, make them up");
    sequence->expected(0, 1)->type_name("PORTS");
    auto* spa = command.add_flag("--spa", options.spa, "open by one authenticated datagram");
    spa->excludes(sequence);
    command.add_option("--knock-port", options.knock_port, "the UDP port of --spa")
        ->check(port)
        ->excludes(sequence)
        ->type_name("PORT");
    command.add_option("--ttl", arguments.ttl, "how long the door stays open, in seconds")
        ->check(CLI::Range(1U, UINT32_MAX))
        ->type_name("SECONDS");
    command
        .add_option("--client-source", options.client_source,
                    "the client's address as this machine sees it, if the client is behind NAT")
        ->type_name("ADDR");
}

void add_ssh(CLI::App& setup, const Choose& choose) {
    CLI::App& command = *setup.add_subcommand("ssh", "put the SSH server behind a door");
    const auto arguments = std::make_shared<Arguments>();
    setup::Options& options = arguments->options;
    add_door_options(command, *arguments);
    command.add_option("--backend", options.backend, "of iptables (default: the one in use)")
        ->check(CLI::IsMember({"nft", "legacy"}))
        ->type_name("nft|legacy");
    command
        .add_option("--confirm-within", arguments->patience, "seconds before all is rolled back")
        ->check(CLI::Range(1, max_patience))
        ->type_name("SECONDS")
        ->capture_default_str();
    command.add_option("--confirm", options.confirm, "keep the rules that wait for this token")
        ->type_name("TOKEN");
    command.add_flag("-n,--dry-run", options.dry_run, "show the rules, change nothing");
    command.add_flag("-y,--yes", options.yes, "ask nothing: take what would be proposed");
    command.add_flag("--json", options.json, "as --yes, and print JSON");
    command.callback([=] { choose([arguments] { return setup_ssh(*arguments); }); });
}

} // namespace

void add_setup(CLI::App& app, const Choose& choose) {
    CLI::App& command = *app.add_subcommand("setup", "make rules for a door");
    command.require_subcommand(1);
    add_ssh(command, choose);
}

} // namespace portknocko::ctl
