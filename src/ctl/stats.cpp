// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

struct Options {
    std::optional<std::string> door;
    bool json = false;
};

Result<ExitCode> stats(const Options& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto doors = client->doors(options.door);
    if (!doors)
        return doors.error();
    if (options.door && doors->empty())
        return unknown_door(*client, *options.door);

    std::string text;
    auto array = nlohmann::ordered_json::array();
    for (const Door& door : *doors) {
        if (options.json)
            array.push_back(to_json(door));
        else
            text += to_text(DoorView{door, {}}) + to_text(door.counters);
    }
    return options.json ? print({{"doors", std::move(array)}}) : print(text);
}

} // namespace

void add_stats(CLI::App& app, const Choose& choose) {
    const auto options = std::make_shared<Options>();
    Arguments(app, "stats", "what happened at doors since they were made")
        .optional("DOOR", options->door, "only this one")
        .flag("--json", options->json, "print JSON")
        .choose(choose, [options] { return stats(*options); });
}

} // namespace portknocko::ctl
