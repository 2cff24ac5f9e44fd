// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct ShowOptions {
    std::string door;
    bool json = false;
};

Status show(const ShowOptions& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto views = look(*client, options.door);
    if (!views)
        return views.error();
    const DoorView& view = views->front();
    if (options.json)
        return print(to_json(view));
    return print(to_text(view) + to_text(view.door.counters));
}

} // namespace

void add_show(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<ShowOptions>();
    program.command("show", "a door, who is there, what happened")
        .positional("DOOR", options->door, "the rules' --name")
        .required()
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return show(*options); }));
}

} // namespace portknocko::ctl
