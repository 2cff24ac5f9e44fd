// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "kernel_module.hpp"
#include "output.hpp"
#include "saved_doors.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct RestoreOptions {
    std::string file = default_saved_doors;
    bool json = false;
};

// At boot the firewall's rules may come later than this, and only they load the module.
Result<Client> open_client() {
    auto client = Client::open();
    if (client || client.error().code != ExitCode::not_loaded)
        return client;
    if (const Status status = load_kernel_module(); !status)
        return status.error();
    return Client::open();
}

Status restore(const RestoreOptions& options) {
    const auto saved = load_saved(options.file);
    if (!saved)
        return saved.error();
    auto client = open_client();
    if (!client)
        return client.error();
    const auto restored = restore_doors(*client, *saved);
    if (!restored)
        return restored.error();
    if (options.json)
        if (const Status printed = print(to_json({{"file", options.file},
                                                  {"opened", restored->opened},
                                                  {"open_already", restored->open_already},
                                                  {"over", restored->over},
                                                  {"refused", restored->refused}}));
            !printed)
            return printed.error();
    if (restored->refused > 0)
        return Error{ExitCode::kernel, std::to_string(restored->refused) +
                                           " refused, the last one was " + restored->refusal};
    return Done{};
}

} // namespace

void add_restore(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<RestoreOptions>();
    program.command("restore", "open the doors that were saved")
        .positional("FILE", options->file, "where from")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return restore(*options); }));
}

} // namespace portknocko::ctl
