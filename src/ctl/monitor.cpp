// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "json.hpp"
#include "output.hpp"
#include "view.hpp"

#include <cerrno>
#include <iostream>
#include <memory>
#include <poll.h>

namespace portknocko::ctl {
namespace {

struct MonitorOptions {
    std::optional<std::string> door;
    bool json = false;
};

// Said between events: among them in JSON, beside them otherwise, where each line is an event.
Status tell(const MonitorOptions& options, const char* name, const char* words) {
    if (!options.json) {
        std::cerr << std::string("pknockctl: ") + words + "\n";
        return Done{};
    }
    return print(to_json({{"event", name}}));
}

Status tell(const MonitorOptions& options, const Reception& reception) {
    Status status = Done{};
    if (reception.lost)
        status = tell(options, "lost", "events were lost, as there were too many at once");
    if (status && reception.unloaded)
        status = tell(options, "unloaded", "xt_pknock was unloaded; waiting for it");
    if (status && reception.loaded)
        status = tell(options, "loaded", "xt_pknock is loaded");
    return status;
}

Status follow(EventSource& source, const MonitorOptions& options) {
    Status printed = Done{};
    const auto show = [&](const Event& event) {
        if (printed && (!options.door || event.door == *options.door))
            printed = print(options.json ? to_json(event) : to_text(event) + "\n");
    };
    while (printed) {
        pollfd events{source.fd(), POLLIN, 0};
        if (poll(&events, 1, -1) < 0 && errno != EINTR)
            return system_error(ExitCode::internal, "poll", errno);
        const auto reception = source.receive(show);
        if (!reception)
            return reception.error();
        if (const Status status = tell(options, *reception); !status)
            return status.error();
    }
    return printed;
}

Status monitor(const MonitorOptions& options) {
    auto source = EventSource::open();
    if (!source)
        return source.error();
    if (!source->is_loaded())
        if (const Status status =
                tell(options, "unloaded", "xt_pknock is not loaded; waiting for it");
            !status)
            return status.error();
    return follow(*source, options);
}

} // namespace

void add_monitor(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<MonitorOptions>();
    program.command("monitor", "tell what happens, a line an event")
        .option("--door", options->door, "DOOR", "at this door only")
        .flag("--json", options->json, "print JSON, a line an object")
        .on_choice(choose([options] { return monitor(*options); }));
}

} // namespace portknocko::ctl
