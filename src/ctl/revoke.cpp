// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "flows.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct RevokeOptions {
    std::string door;
    std::string address;
    bool kill_flows = false;
    bool json = false;
};

// Whoever may pass and is meant: without a prefix, all that cover the address.
Result<std::vector<Source>> find_open(Client& client, const std::string& door,
                                      const Target& target) {
    auto peers = client.peers({.door = door, .target = target});
    if (!peers)
        return peers.error();
    keep_open(*peers);
    std::vector<Source> sources;
    for (const Peer& peer : *peers)
        sources.push_back(peer.source);
    if (sources.empty()) {
        const auto doors = client.doors(door);
        if (doors && doors->empty())
            return unknown_door(client, door);
        return Error{ExitCode::not_found, door + " is not open for " + target.text()};
    }
    return sources;
}

// Those that are over by now are as good as revoked.
Status revoke_all(Client& client, const std::string& door, const std::vector<Source>& sources) {
    for (const Source& source : sources) {
        const Status status = client.revoke(door, source);
        if (!status && status.error().code != ExitCode::not_found)
            return status.error();
    }
    return Done{};
}

Status revoke(const RevokeOptions& options) {
    const auto target = Target::from_text(options.address);
    if (!target)
        return target.error();
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto sources = find_open(*client, options.door, *target);
    if (!sources)
        return sources.error();
    if (const Status status = revoke_all(*client, options.door, *sources); !status)
        return status.error();

    // Only now: what is ended while the door is open may be there again at once.
    std::size_t flows = 0;
    if (options.kill_flows) {
        const auto killed = kill_flows(*sources);
        if (!killed)
            return killed.error();
        flows = *killed;
    }
    if (!options.json)
        return Done{};
    std::vector<std::string> revoked;
    for (const Source& source : *sources)
        revoked.push_back(source.text());
    return print(to_json({{"door", options.door}, {"revoked", revoked}, {"flows", flows}}));
}

} // namespace

void add_revoke(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<RevokeOptions>();
    program.command("revoke", "close a door for an address")
        .positional("DOOR", options->door, "the rules' --name")
        .required()
        .positional("ADDRESS[/PREFIX]", options->address, "whom to close it for")
        .required()
        .flag("--kill-flows", options->kill_flows, "end the connections from there, too")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return revoke(*options); }));
}

} // namespace portknocko::ctl
