// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "event_loop.hpp"
#include "result.hpp"
#include "unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace portknocko {

// Whom a program runs as.
struct Identity {
    uid_t user;
    gid_t group;
};

// Finds a user by name. Nothing where pknockd may not change users and so must stay who it is.
Result<std::optional<Identity>> hook_identity(const std::string& user);

// How a run ended.
struct HookEnd {
    bool timed_out;
    bool succeeded;
    std::string how;    // "exited with status 1", "was killed by signal 9"
    std::string output; // of both standard streams, up to a limit
    bool output_cut;
};

// A program that runs, in a session and process group of its own; when it ends, what it left in
// its group ends, too. So it does with this object.
class HookProcess {
public:
    struct Order {
        std::string path;
        std::vector<std::string> environment; // all of it
        std::optional<Identity> identity;
        std::chrono::microseconds timeout;
        std::size_t output_limit;
    };

    // `done` is called from the loop, and may destroy this.
    static Result<std::unique_ptr<HookProcess>> start(EventLoop& loop, const Order& order,
                                                      std::function<void(HookEnd)> done);

    HookProcess(const HookProcess&) = delete;
    HookProcess& operator=(const HookProcess&) = delete;
    ~HookProcess();

private:
    HookProcess(EventLoop& loop, const Order& order, std::function<void(HookEnd)> done);

    Status launch(const Order& order);
    Status wait(std::chrono::microseconds timeout);
    void read_output();
    void kill_group(int signal) const;
    void on_timeout();
    void on_exit(int code, int status);

    EventLoop& loop_;
    std::function<void(HookEnd)> done_;
    std::size_t output_limit_;
    pid_t pid_ = 0;
    UniqueFd output_fd_;
    HookEnd end_{};
    Waiting on_output_;
    Waiting on_exit_;
    Waiting on_timeout_;
};

} // namespace portknocko
