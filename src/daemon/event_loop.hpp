// SPDX-License-Identifier: GPL-2.0-or-later
// sd-event with owners. All of pknockd runs in one thread, in handlers of one loop.
#pragma once

#include "result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <sys/types.h>
#include <systemd/sd-event.h>

namespace portknocko {

struct ReleaseSource {
    void operator()(sd_event_source* source) const { sd_event_source_disable_unref(source); }
};

// Something that the loop waits for. With it the waiting ends, be it in its own handler.
using Waiting = std::unique_ptr<sd_event_source, ReleaseSource>;

class EventLoop {
public:
    static Result<EventLoop> create();

    // `events` as in epoll(7); the handler is told those that came.
    Result<Waiting> on_io(int fd, std::uint32_t events, std::function<void(std::uint32_t)> handler);
    // Once, `delay` from now.
    Result<Waiting> after(std::chrono::microseconds delay, std::function<void()> handler);
    // The signal must be blocked.
    Result<Waiting> on_signal(int number, std::function<void()> handler);
    // SIGCHLD must be blocked. The child is a zombie still while the handler runs; `status` is as
    // of waitid(2), `code` tells of what kind it is.
    Result<Waiting> on_exit(pid_t child, std::function<void(int code, int status)> handler);

    // Keeps systemd's watchdog content, if the unit has one.
    Status feed_watchdog();

    // Until exit().
    Status run();
    void exit() { sd_event_exit(event_.get(), 0); }

    // One turn, no longer than `patience`; for tests.
    Status turn(std::chrono::microseconds patience);

private:
    struct Release {
        void operator()(sd_event* event) const { sd_event_unref(event); }
    };
    explicit EventLoop(sd_event* event) : event_(event) {}

    std::unique_ptr<sd_event, Release> event_;
};

} // namespace portknocko
