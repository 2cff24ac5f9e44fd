// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_process.hpp"

#include "hook_child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <pwd.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace portknocko {
namespace {

constexpr std::chrono::seconds grace{2}; // between SIGTERM and SIGKILL
constexpr std::size_t passwd_buffer = 16384;

std::string describe_end(int code, int status) {
    if (code == CLD_EXITED)
        return "exited with status " + std::to_string(status);
    return "was killed by signal " + std::to_string(status);
}

} // namespace

Result<std::optional<Identity>> hook_identity(const std::string& user) {
    if (!may_change_user())
        return {std::optional<Identity>()};
    std::array<char, passwd_buffer> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    const int status = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (status != 0)
        return system_error(ExitCode::usage, "hooks.user: " + user, status);
    if (found == nullptr)
        return Error{ExitCode::usage, "hooks.user: there is no user \"" + user + "\""};
    return {std::optional(Identity{entry.pw_uid, entry.pw_gid})};
}

HookProcess::HookProcess(EventLoop& loop, const Order& order, std::function<void(HookEnd)> done)
    : loop_(loop), done_(std::move(done)), output_limit_(order.output_limit) {
}

HookProcess::~HookProcess() {
    if (pid_ == 0)
        return;
    kill_group(SIGKILL);
    on_exit_.reset();
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<std::unique_ptr<HookProcess>> HookProcess::start(EventLoop& loop, const Order& order,
                                                        std::function<void(HookEnd)> done) {
    std::unique_ptr<HookProcess> process(new HookProcess(loop, order, std::move(done)));
    if (const Status status = process->launch(order); !status)
        return status.error();
    if (const Status status = process->wait(order.timeout); !status)
        return status.error();
    return process;
}

Status HookProcess::launch(const Order& order) {
    std::array<int, 2> pipe{};
    if (pipe2(pipe.data(), O_CLOEXEC) != 0)
        return system_error(ExitCode::internal, order.path, errno);
    output_fd_ = UniqueFd(pipe[0]);
    const UniqueFd write_end(pipe[1]);
    if (fcntl(output_fd_.get(), F_SETFL, O_NONBLOCK) != 0)
        return system_error(ExitCode::internal, order.path, errno);

    const HookChild child(order.path, order.environment, order.identity, write_end.get());
    pid_ = fork();
    if (pid_ == 0)
        child.execute();
    if (pid_ < 0) {
        pid_ = 0;
        return system_error(ExitCode::internal, order.path, errno);
    }
    return Done{};
}

Status HookProcess::wait(std::chrono::microseconds timeout) {
    auto output = loop_.on_io(output_fd_.get(), EPOLLIN, [this](auto) { read_output(); });
    auto exit = loop_.on_exit(pid_, [this](int code, int status) { on_exit(code, status); });
    auto timer = loop_.after(timeout, [this] { on_timeout(); });
    for (const auto* added : {&output, &exit, &timer})
        if (!*added)
            return added->error();
    on_output_ = *std::move(output);
    on_exit_ = *std::move(exit);
    on_timeout_ = *std::move(timer);
    return Done{};
}

// One buffer a turn, so that a hook that prints without end does not keep the loop busy. What is
// beyond the limit is read, too: the hook would wait otherwise.
void HookProcess::read_output() {
    std::array<char, 16384> buffer{};
    const ssize_t count = read(output_fd_.get(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        on_output_.reset();
        return;
    }
    const auto size = static_cast<std::size_t>(count);
    const std::size_t kept = std::min(size, output_limit_ - end_.output.size());
    end_.output.append(buffer.data(), kept);
    end_.output_cut = end_.output_cut || kept < size;
}

void HookProcess::kill_group(int signal) const {
    // It may not have come to setsid() yet.
    if (kill(-pid_, signal) != 0)
        kill(pid_, signal);
}

void HookProcess::on_timeout() {
    kill_group(end_.timed_out ? SIGKILL : SIGTERM);
    if (end_.timed_out)
        return;
    end_.timed_out = true;
    if (auto timer = loop_.after(grace, [this] { on_timeout(); }))
        on_timeout_ = *std::move(timer);
    else
        kill_group(SIGKILL);
}

void HookProcess::on_exit(int code, int status) {
    kill_group(SIGKILL); // it is a zombie: its number cannot be anybody else's
    read_output();       // the last words
    on_output_.reset();
    on_timeout_.reset();
    end_.succeeded = code == CLD_EXITED && status == 0 && !end_.timed_out;
    end_.how = describe_end(code, status);
    pid_ = 0; // sd-event takes the zombie
    const auto done = std::move(done_);
    done(std::move(end_));
}

} // namespace portknocko
