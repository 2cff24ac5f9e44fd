// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "duration.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <memory>

namespace portknocko::ctl {
namespace {

struct AllowOptions {
    std::string door;
    std::string address;
    std::optional<std::string> ttl;
    bool create = false;
    bool json = false;
};

Result<Grant> as_grant(const AllowOptions& options) {
    const auto target = Target::from_text(options.address);
    if (!target)
        return target.error();
    if (!target->address().is_unicast())
        return Error{ExitCode::usage,
                     "\"" + options.address + "\" is not an address that packets come from"};
    Grant grant{.door = options.door, .target = *target, .ttl = {}, .create = options.create};
    if (options.ttl) {
        const auto ttl = parse_duration(*options.ttl);
        if (!ttl)
            return Error{ttl.error().code, "--ttl: " + ttl.error().message};
        grant.ttl = *ttl;
    }
    return grant;
}

Status allow(const AllowOptions& options) {
    const auto grant = as_grant(options);
    if (!grant)
        return grant.error();
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto opened = client->allow(*grant);
    if (!opened)
        return opened.error().code == ExitCode::not_found ? unknown_door(*client, grant->door)
                                                          : opened.error();
    if (!options.json)
        return Done{};
    Member ttl{"ttl", nullptr};
    if (grant->ttl)
        ttl.value = static_cast<std::uint64_t>(grant->ttl->count()) / 1000;
    return print(to_json({{"door", grant->door}, {"target", grant->target.text()}, ttl}));
}

} // namespace

void add_allow(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<AllowOptions>();
    program.command("allow", "open a door, or begin its time anew")
        .positional("DOOR", options->door, "the rules' --name")
        .required()
        .positional("ADDRESS[/PREFIX]", options->address, "whom to open it for")
        .required()
        .option("--ttl", options->ttl, "TIME", "for how long: 90s, 15m, 8h, 7d (default: for ever)")
        .flag("--create", options->create,
              "even if no rule names the door yet; one has to within a minute")
        .flag("--json", options->json, "print JSON")
        .on_choice(choose([options] { return allow(*options); }));
}

} // namespace portknocko::ctl
