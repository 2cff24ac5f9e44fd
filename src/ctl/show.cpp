// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

struct Options {
    std::string door;
    bool json = false;
};

Result<ExitCode> show(const Options& options) {
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

void add_show(CLI::App& app, const Choose& choose) {
    const auto options = std::make_shared<Options>();
    Arguments(app, "show", "a door, who is there, what happened")
        .required("DOOR", options->door, "the rules' --name")
        .flag("--json", options->json, "print JSON")
        .choose(choose, [options] { return show(*options); });
}

} // namespace portknocko::ctl
