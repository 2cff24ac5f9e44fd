// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "output.hpp"
#include "view.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

struct Options {
    std::optional<std::string> door;
    bool all = false;
    bool json = false;
};

Result<ExitCode> flush(const Options& options) {
    if (!options.door && !options.all)
        return Error{ExitCode::usage, "which door? All of them: flush --all"};
    auto client = Client::open();
    if (!client)
        return client.error();
    const Status status = client->flush(options.door);
    if (!status)
        return options.door && status.error().code == ExitCode::not_found
                   ? unknown_door(*client, *options.door)
                   : status.error();
    if (options.json)
        return print({{"door", options.door ? nlohmann::ordered_json(*options.door)
                                            : nlohmann::ordered_json()}});
    return ExitCode::ok;
}

} // namespace

void add_flush(CLI::App& app, const Choose& choose) {
    CLI::App& command = *app.add_subcommand("flush", "close a door for everybody");
    const auto options = std::make_shared<Options>();
    auto* door = command.add_option("DOOR", options->door, "the rules' --name")->type_name("");
    command.add_flag("--all", options->all, "close all doors")->excludes(door);
    command.add_flag("--json", options->json, "print JSON");
    command.callback([=] { choose([options] { return flush(*options); }); });
}

} // namespace portknocko::ctl
