// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct StatsOptions {
    std::optional<std::string> door;
    bool json = false;
};

Status stats(const StatsOptions& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto doors = client->doors(options.door);
    if (!doors)
        return doors.error();
    if (options.door && doors->empty())
        return unknown_door(*client, *options.door);

    if (options.json)
        return print(to_json(*doors));
    std::string text;
    for (const Door& door : *doors)
        text += to_text(DoorView{door, {}}) + to_text(door.counters);
    return print(text);
}

} // namespace

void add_stats(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<StatsOptions>();
    program.command("stats", "what happened at doors since they were made")
        .positional("DOOR", options->door, "only this one")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return stats(*options); }));
}

} // namespace portknocko::ctl
