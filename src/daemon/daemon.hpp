// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "config.hpp"
#include "door_memory.hpp"
#include "event_loop.hpp"
#include "hook_runner.hpp"
#include "journal.hpp"
#include "metrics.hpp"
#include "metrics_server.hpp"
#include "netlink.hpp"
#include "set_keeper.hpp"
#include "set_watch.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace portknocko {

// All parts of pknockd, and what passes between them.
class Daemon {
public:
    // `config_path` is read again on SIGHUP. All others outlive this.
    Daemon(EventLoop& loop, Journal& journal, Nft& nft, SetWatch& set_watch,
           std::string config_path);

    // Runs until SIGTERM or SIGINT.
    Status run(const Config& config);

private:
    Status start(const Config& config);
    Status wait();
    // What can be refused is refused before anything is changed, but for metrics.
    Status configure(const Config& config);
    void reload();

    void receive();
    void handle(const Event& event);
    void tell_sets(const Event& event);
    void note(const Reception& reception);

    // Whom the kernel has the door open for.
    Result<std::vector<Member>> members(const std::string& door);
    Metrics metrics();

    EventLoop& loop_;
    Journal& journal_;
    SetWatch& set_watch_;
    std::string config_path_;

    std::optional<EventSource> events_;
    HookRunner hooks_;
    SetKeeper sets_;
    DoorMemory memory_;
    MetricsServer metrics_server_;
    std::vector<Waiting> waiting_;

    std::map<EventKind, std::uint64_t> received_;
    std::uint64_t losses_ = 0;
};

} // namespace portknocko
