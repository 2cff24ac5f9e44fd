// SPDX-License-Identifier: GPL-2.0-or-later
#include "event_loop.hpp"

#include <csignal>
#include <ctime>
#include <sys/wait.h>

namespace portknocko {
namespace {

constexpr std::uint64_t timer_accuracy_usec = 10'000;

// What sd-event hands to callbacks. It lives as long as its source, and until its call returns even
// if the source ends meanwhile.
template <typename Function>
Function& handler_of(void* userdata) {
    return *static_cast<Function*>(userdata);
}

template <typename Function>
void destroy_handler(void* userdata) {
    const std::unique_ptr<Function> owner(static_cast<Function*>(userdata));
}

// `add` calls one of sd_event_add_*() with the handler as its userdata.
template <typename Function, typename Add>
Result<Waiting> add_source(const char* what, Function function, const Add& add) {
    auto handler = std::make_unique<Function>(std::move(function));
    sd_event_source* source = nullptr;
    if (const int status = add(&source, handler.get()); status < 0)
        return system_error(ExitCode::internal, what, -status);
    sd_event_source_set_destroy_callback(source, destroy_handler<Function>);
    static_cast<void>(handler.release()); // to the destroy callback
    return Waiting(source);
}

int call_plain(void* userdata) {
    handler_of<std::function<void()>>(userdata)();
    return 0;
}

} // namespace

Result<EventLoop> EventLoop::create() {
    sd_event* event = nullptr;
    if (const int status = sd_event_new(&event); status < 0)
        return system_error(ExitCode::internal, "event loop", -status);
    return EventLoop(event);
}

Result<Waiting> EventLoop::on_io(int fd, std::uint32_t events,
                                 std::function<void(std::uint32_t)> handler) {
    const auto call = [](sd_event_source*, int, std::uint32_t revents, void* userdata) {
        handler_of<std::function<void(std::uint32_t)>>(userdata)(revents);
        return 0;
    };
    return add_source("descriptor", std::move(handler), [&](sd_event_source** source, void* data) {
        return sd_event_add_io(event_.get(), source, fd, events, call, data);
    });
}

Result<Waiting> EventLoop::after(std::chrono::microseconds delay, std::function<void()> handler) {
    const auto call = [](sd_event_source*, std::uint64_t, void* userdata) {
        return call_plain(userdata);
    };
    std::uint64_t now = 0;
    sd_event_now(event_.get(), CLOCK_MONOTONIC, &now);
    const std::uint64_t when = now + static_cast<std::uint64_t>(delay.count());
    return add_source("timer", std::move(handler), [&](sd_event_source** source, void* data) {
        return sd_event_add_time(event_.get(), source, CLOCK_MONOTONIC, when, timer_accuracy_usec,
                                 call, data);
    });
}

Result<Waiting> EventLoop::on_signal(int number, std::function<void()> handler) {
    const auto call = [](sd_event_source*, const signalfd_siginfo*, void* userdata) {
        return call_plain(userdata);
    };
    return add_source("signal", std::move(handler), [&](sd_event_source** source, void* data) {
        return sd_event_add_signal(event_.get(), source, number, call, data);
    });
}

Result<Waiting> EventLoop::on_exit(pid_t child, std::function<void(int, int)> handler) {
    const auto call = [](sd_event_source*, const siginfo_t* info, void* userdata) {
        handler_of<std::function<void(int, int)>>(userdata)(info->si_code, info->si_status);
        return 0;
    };
    return add_source("child", std::move(handler), [&](sd_event_source** source, void* data) {
        return sd_event_add_child(event_.get(), source, child, WEXITED, call, data);
    });
}

Status EventLoop::feed_watchdog() {
    if (const int status = sd_event_set_watchdog(event_.get(), 1); status < 0)
        return system_error(ExitCode::internal, "watchdog", -status);
    return Done{};
}

Status EventLoop::run() {
    if (const int status = sd_event_loop(event_.get()); status < 0)
        return system_error(ExitCode::internal, "event loop", -status);
    return Done{};
}

Status EventLoop::turn(std::chrono::microseconds patience) {
    const auto limit = static_cast<std::uint64_t>(patience.count());
    if (const int status = sd_event_run(event_.get(), limit); status < 0)
        return system_error(ExitCode::internal, "event loop", -status);
    return Done{};
}

} // namespace portknocko
