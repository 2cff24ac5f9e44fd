// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "config.hpp"
#include "event_loop.hpp"
#include "hook_process.hpp"
#include "journal.hpp"

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace portknocko {

struct HookStatistics {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0; // those that could not be started, too
    std::uint64_t timed_out = 0;
    std::uint64_t dropped = 0; // the queue was full
    std::size_t running = 0;
    std::size_t waiting = 0;
};

// Runs the hooks, some at a time. The same hook runs for the same subject only once at a time, and
// in the order of events; else there is no order.
class HookRunner {
public:
    // Hooks have to belong to `owner`. Both others outlive this.
    HookRunner(EventLoop& loop, Journal& journal, uid_t owner);

    // What waits and runs goes on, under the new limits.
    Status configure(const HooksConfig& config);

    // Runs all hooks for an event, if its kind is one of those configured. `subject` is whom it is
    // about.
    void submit(const std::string& kind, const std::string& subject,
                const std::vector<std::string>& environment);

    HookStatistics statistics() const;

private:
    struct Job {
        std::string path;
        std::string subject;
        std::shared_ptr<const std::vector<std::string>> environment;
    };
    struct Run {
        Job job;
        std::unique_ptr<HookProcess> process;
    };

    bool is_running(const Job& job) const;
    void start_jobs();
    void start_job(Job job);
    void finish(std::list<Run>::iterator run, const HookEnd& end);
    void report(const Job& job, const HookEnd& end);
    void complain_once(const std::string& message);

    EventLoop& loop_;
    Journal& journal_;
    uid_t owner_;
    HooksConfig config_;
    std::optional<Identity> identity_;
    std::deque<Job> waiting_;
    std::list<Run> running_;
    std::set<std::string> complaints_;
    bool overflowing_ = false;
    HookStatistics statistics_;
};

} // namespace portknocko
