// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "output.hpp"
#include "saved_doors.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct SaveOptions {
    std::string file = default_saved_doors;
    bool json = false;
};

Status save(const SaveOptions& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto saved = save_doors(*client, options.file);
    if (!saved)
        return saved.error();
    if (options.json)
        return print(to_json({{"file", options.file}, {"saved", *saved}}));
    return Done{};
}

} // namespace

void add_save(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<SaveOptions>();
    program.command("save", "keep who may pass in a file")
        .positional("FILE", options->file, "where to")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return save(*options); }));
}

} // namespace portknocko::ctl
