// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <vector>

namespace portknocko::setup {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int undo_attempts = 3;

// None if nothing came.
char read_wish(int fd) {
    char wish = 0;
    return recv(fd, &wish, 1, 0) == 1 ? wish : '\0';
}

// Signals that would end the process become something to read. Whoever switches the machine off, or
// ends all processes of a session, gets the rules undone and not left behind.
UniqueFd receive_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT})
        sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return UniqueFd(signalfd(-1, &signals, SFD_CLOEXEC));
}

class Watch {
public:
    explicit Watch(GuardPost& post)
        : post_(post), signals_(receive_signals()), end_(Clock::now() + post.patience) {}

    // Waits for the end of patience, or for a wish: whether what was done is to be kept.
    bool keeps() {
        while (true) {
            std::array<pollfd, 3> fds = {pollfd{post_.listener.get(), POLLIN, 0},
                                         {signals_.get(), POLLIN, 0},
                                         {post_.channel.get(), POLLIN, 0}};
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
            const int count = poll(fds.data(), fds.size(), std::max(0, int(left.count())));
            if (count == 0 || (count < 0 && errno != EINTR) || fds[1].revents != 0)
                return false;
            if (fds[2].revents != 0 && hear_starter())
                return kept_;
            if (fds[0].revents != 0 && hear_visitor())
                return true;
        }
    }

    void answer(char fate) {
        for (const UniqueFd* fd : {&post_.channel, &visitor_})
            if (*fd)
                send(fd->get(), &fate, 1, MSG_NOSIGNAL);
    }

private:
    // Whether who started the guard has said what to do. One who is gone says no more: others may
    // still confirm.
    bool hear_starter() {
        const char wish = read_wish(post_.channel.get());
        if (wish == 0)
            post_.channel = UniqueFd();
        kept_ = wish == wish_keep;
        return wish != 0;
    }

    // Whether someone confirmed. Who connects and says nothing is not waited for.
    bool hear_visitor() {
        visitor_ = UniqueFd(accept4(post_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const timeval second{1, 0};
        setsockopt(visitor_.get(), SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
        return read_wish(visitor_.get()) == wish_keep;
    }

    GuardPost& post_;
    UniqueFd signals_;
    UniqueFd visitor_;
    Clock::time_point end_;
    bool kept_ = false;
};

char undo_all(const std::function<Status()>& undo) {
    for (int attempt = 1; attempt <= undo_attempts; ++attempt) {
        const Status status = undo();
        if (status) {
            syslog(LOG_WARNING, "rules were not confirmed and are rolled back");
            return was_undone;
        }
        syslog(LOG_ERR, "rules could not be rolled back: %s", status.error().message.c_str());
    }
    return has_failed;
}

} // namespace

void stand_guard(GuardPost post, const std::function<Status()>& undo) {
    openlog("pknockctl", LOG_PID, LOG_AUTHPRIV);
    Watch watch(post);
    send(post.channel.get(), &on_guard, 1, MSG_NOSIGNAL);
    const bool kept = watch.keeps();
    unlink(post.path.c_str()); // who comes now comes too late
    const char fate = kept ? was_kept : undo_all(undo);
    post.lock = UniqueFd(); // who hears of the end may start the next one at once
    watch.answer(fate);
}

} // namespace portknocko::setup
