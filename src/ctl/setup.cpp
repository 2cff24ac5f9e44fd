// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup/setup.hpp"

#include "command.hpp"
#include "process.hpp"

#include <cerrno>
#include <memory>

namespace portknocko::ctl {
namespace {

constexpr int max_patience = 3600;

// Seconds as the command line has them.
struct Words {
    setup::Options options;
    std::optional<std::uint32_t> ttl;
    int patience = 60;
};

Status setup_ssh(const Words& words) {
    if (!forbid_memory_dumps())
        return system_error(ExitCode::internal, "cannot protect this process", errno);
    setup::Options options = words.options;
    options.patience = std::chrono::seconds(words.patience);
    if (words.ttl)
        options.ttl = std::chrono::seconds(*words.ttl);
    return setup::setup_ssh(options);
}

void add_door_options(Arguments& command, Words& words) {
    setup::Options& options = words.options;
    command.option("--port", options.port, "PORT", {1}, "TCP port of the SSH server")
        .option("--door", options.door, "DOOR", "the rules' --name (default: SSH)")
        .option("--sequence", options.sequence, "PORTS",
                "open by knocks at TCP ports; without PORTS, make them up")
        .also_without_value()
        .flag("--spa", options.spa, "open by one authenticated datagram")
        .excludes("--sequence")
        .option("--knock-port", options.knock_port, "PORT", {1}, "the UDP port of --spa")
        .excludes("--sequence")
        .option("--ttl", words.ttl, "SECONDS", {1}, "how long the door stays open, in seconds")
        .option("--client-source", options.client_source, "ADDR",
                "the client's address as this machine sees it, if the client is behind NAT");
}

void add_ssh(Arguments command, const Choose& choose) {
    const auto words = std::make_shared<Words>();
    setup::Options& options = words->options;
    add_door_options(command, *words);
    command
        .option("--backend", options.backend, {"nft", "legacy"},
                "of iptables (default: the one in use)")
        .option("--confirm-within", words->patience, "SECONDS", {1, max_patience},
                "seconds before all is rolled back")
        .option("--confirm", options.confirm, "TOKEN", "keep the rules that wait for this token")
        .flag("-n,--dry-run", options.dry_run, "show the rules, change nothing")
        .flag("-y,--yes", options.yes, "ask nothing: take what would be proposed")
        .flag("--json", options.json, "as --yes, and print JSON")
        .on_choice(choose([words] { return setup_ssh(*words); }));
}

} // namespace

void add_setup(Arguments& program, const Choose& choose) {
    add_ssh(program.command("setup", "make rules for a door")
                .command("ssh", "put the SSH server behind a door"),
            choose);
}

} // namespace portknocko::ctl
