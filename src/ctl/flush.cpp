// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct FlushOptions {
    std::optional<std::string> door;
    bool all = false;
    bool json = false;
};

Status flush(const FlushOptions& options) {
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
    if (!options.json)
        return Done{};
    const Member all{"door", nullptr};
    return print(to_json({options.door ? Member{"door", *options.door} : all}));
}

} // namespace

void add_flush(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<FlushOptions>();
    program.command("flush", "close a door for everybody")
        .positional("DOOR", options->door, "the rules' --name")
        .flag("--all", options->all, "close all doors")
        .excludes("DOOR")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return flush(*options); }));
}

} // namespace portknocko::ctl
