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
    const auto options = std::make_shared<Options>();
    Arguments(app, "flush", "close a door for everybody")
        .optional("DOOR", options->door, "the rules' --name")
        .flag("--all", options->all, "close all doors")
        .exclude("--all", "DOOR")
        .flag("--json", options->json, "print JSON")
        .choose(choose, [options] { return flush(*options); });
}

} // namespace portknocko::ctl
