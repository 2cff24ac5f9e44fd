// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct ListOptions {
    bool open = false;
    bool json = false;
};

Status list(const ListOptions& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    auto views = look(*client);
    if (!views)
        return views.error();

    if (options.open)
        for (DoorView& view : *views)
            keep_open(view.peers);
    if (options.json)
        return print(to_json(*views));
    std::string text;
    for (const DoorView& view : *views)
        text += to_text(view);
    return print(text);
}

} // namespace

void add_list(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<ListOptions>();
    program.command("list", "doors, and who may pass or is on the way")
        .flag("--open", options->open, "only those who may pass")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return list(*options); }));
}

} // namespace portknocko::ctl
