// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.hpp"

#include "guard_process.hpp"
#include "program.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

namespace portknocko::setup {
namespace {

Error failure(const std::string& what) {
    return system_error(ExitCode::file, what, errno);
}

Result<sockaddr_un> socket_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return Error{ExitCode::usage, path + ": too long for a socket's name"};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address); // NOLINT(*-reinterpret-cast): POSIX
}

// A token becomes a file's name.
bool is_token(const std::string& token) {
    return !token.empty() && token.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<UniqueFd> take_lock(const std::string& directory) {
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return failure(directory);
    const std::string path = directory + "/lock";
    UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock)
        return failure(path);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return Error{ExitCode::usage, "another setup waits to be confirmed or rolled back"};
        return failure(path);
    }
    return lock;
}

Result<UniqueFd> listen_at(const std::string& path) {
    const Result<sockaddr_un> address = socket_address(path);
    if (!address)
        return address.error();
    UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!listener || bind(listener.get(), generic(*address), sizeof(*address)) != 0 ||
        listen(listener.get(), 1) != 0)
        return failure(path);
    return listener;
}

// Out of the session, so that its end is not the guard's.
void leave_session() {
    setsid();
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        dup2(null.get(), stream);
    if (chdir("/") != 0)
        _exit(EXIT_FAILURE);
}

// logind may be told to end all processes of a session with it: a scope of its own is no part of
// one. Where that does not work, the guard is told to end, and undoes what it guards.
void move_to_scope(pid_t guard, const std::string& token) {
    if (access("/run/systemd/system", F_OK) != 0)
        return;
    (void)firewall::run_program({"busctl", "--quiet", "call", "org.freedesktop.systemd1",
                                 "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                 "StartTransientUnit", "ssa(sv)a(sa(sv))",
                                 "pknockctl-" + token + ".scope", "fail", "1", "PIDs", "au", "1",
                                 std::to_string(guard), "0"});
}

Fate fate_of(char answer) {
    if (answer == was_kept)
        return Fate::kept;
    return answer == was_undone ? Fate::undone : Fate::failed;
}

// Forks twice: the guard is nobody's child, and nobody's to wait for. It says its process id first.
// `ours` is the end of the channel that it must not hold.
Status start_process(GuardPost post, UniqueFd& ours, const std::function<Status()>& undo) {
    const pid_t child = fork();
    if (child < 0)
        return system_error(ExitCode::internal, "fork", errno);
    if (child > 0) {
        int status = 0;
        waitpid(child, &status, 0);
        return Done{};
    }
    ours = UniqueFd();
    leave_session();
    if (fork() != 0)
        _exit(EXIT_SUCCESS);
    const pid_t self = getpid();
    send(post.channel.get(), &self, sizeof(self), MSG_NOSIGNAL);
    stand_guard(std::move(post), undo);
    _exit(EXIT_SUCCESS);
}

} // namespace

Result<Guard> Guard::start(const std::string& directory, const std::string& token,
                           std::chrono::milliseconds patience,
                           const std::function<Status()>& undo) {
    Result<UniqueFd> lock = take_lock(directory);
    if (!lock)
        return lock.error();
    std::string path = directory + "/" + token;
    Result<UniqueFd> listener = listen_at(path);
    if (!listener)
        return listener.error();
    std::array<int, 2> pair{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return failure("socketpair");
    UniqueFd ours(pair[0]);

    const Status started = start_process({.listener = *std::move(listener),
                                          .channel = UniqueFd(pair[1]),
                                          .lock = *std::move(lock),
                                          .path = std::move(path),
                                          .patience = patience},
                                         ours, undo);
    if (!started)
        return started.error();
    pid_t guard = 0;
    char ready = 0;
    if (recv(ours.get(), &guard, sizeof(guard), 0) != sizeof(guard) ||
        recv(ours.get(), &ready, 1, 0) != 1 || ready != on_guard)
        return Error{ExitCode::internal, "the process that would roll back did not start"};
    move_to_scope(guard, token);
    return Guard(std::move(ours));
}

Fate Guard::fate() const {
    char answer = has_failed;
    return recv(fd(), &answer, 1, 0) == 1 ? fate_of(answer) : Fate::failed;
}

Fate Guard::tell(char wish) const {
    // A guard that has decided by now says so all the same.
    send(fd(), &wish, 1, MSG_NOSIGNAL);
    return fate();
}

Result<Fate> confirm(const std::string& directory, const std::string& token) {
    if (!is_token(token))
        return Error{ExitCode::usage, "\"" + token + "\" is not a token"};
    const Result<sockaddr_un> address = socket_address(directory + "/" + token);
    if (!address)
        return address.error();
    const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || connect(fd.get(), generic(*address), sizeof(*address)) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            return Error{ExitCode::not_found, "nothing waits for the token " + token +
                                                  ": it was confirmed or rolled back before"};
        return failure(directory + "/" + token);
    }
    char answer = has_failed;
    if (send(fd.get(), &wish_keep, 1, MSG_NOSIGNAL) != 1 || recv(fd.get(), &answer, 1, 0) != 1)
        return Error{ExitCode::not_found, "too late: the rules are being rolled back"};
    return fate_of(answer);
}

} // namespace portknocko::setup
