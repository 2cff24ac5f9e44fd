// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "saved_doors.hpp"

#include <memory>
#include <nlohmann/json.hpp>

namespace portknocko::ctl {
namespace {

struct Options {
    std::string file = default_saved_doors;
    bool json = false;
};

Result<ExitCode> save(const Options& options) {
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto saved = save_doors(*client, options.file);
    if (!saved)
        return saved.error();
    if (options.json)
        return print({{"file", options.file}, {"saved", *saved}});
    return ExitCode::ok;
}

} // namespace

void add_save(CLI::App& app, const Choose& choose) {
    const auto options = std::make_shared<Options>();
    Arguments(app, "save", "keep who may pass in a file")
        .optional("FILE", options->file, "where to")
        .flag("--json", options->json, "print JSON")
        .choose(choose, [options] { return save(*options); });
}

} // namespace portknocko::ctl
