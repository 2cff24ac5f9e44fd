// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

struct Options {
    bool open = false;
    bool json = false;
};

Result<ExitCode> list(const Options& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    auto views = look(*client);
    if (!views)
        return views.error();

    std::string text;
    auto array = nlohmann::ordered_json::array();
    for (DoorView& view : *views) {
        if (options.open)
            keep_open(view.peers);
        if (options.json)
            array.push_back(to_json(view));
        else
            text += to_text(view);
    }
    return options.json ? print({{"doors", std::move(array)}}) : print(text);
}

} // namespace

void add_list(CLI::App& app, const Choose& choose) {
    const auto options = std::make_shared<Options>();
    Arguments(app, "list", "doors, and who may pass or is on the way")
        .flag("--open", options->open, "only those who may pass")
        .flag("--json", options->json, "print JSON")
        .choose(choose, [options] { return list(*options); });
}

} // namespace portknocko::ctl
