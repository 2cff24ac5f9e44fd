// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_child.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace portknocko {
namespace {

constexpr int cannot_execute = 126; // as shells have it
using Capabilities = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

char* argument(const std::string& text) {
    // execve() has them as not const, but leaves them alone.
    return const_cast<char*>(text.c_str()); // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

// glibc has no function for these two.
bool get_capabilities(Capabilities& capabilities) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capget, &header, capabilities.data()) == 0;
}

bool set_capabilities(const Capabilities& capabilities) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capset, &header, capabilities.data()) == 0;
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number)
        signal(number, SIG_DFL); // NOLINT(cert-err33-c): some cannot be set
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

bool may_change_user() {
    Capabilities capabilities{};
    return get_capabilities(capabilities) &&
           (capabilities[0].effective & (1U << unsigned{CAP_SETUID})) != 0;
}

HookChild::HookChild(const std::string& path, const std::vector<std::string>& environment,
                     const std::optional<Identity>& identity, int output)
    : arguments_{argument(path), nullptr}, identity_(identity), output_(output) {
    for (const std::string& variable : environment)
        environment_.push_back(argument(variable));
    environment_.push_back(nullptr);
}

bool HookChild::redirect_streams() const {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output_, STDOUT_FILENO) >= 0 &&
           dup2(output_, STDERR_FILENO) >= 0;
}

// Also capabilities that systemd gave: a change of user does not take those away.
bool HookChild::drop_privileges() const {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    if (!identity_)
        return true;
    return setgroups(0, nullptr) == 0 &&
           setresgid(identity_->group, identity_->group, identity_->group) == 0 &&
           setresuid(identity_->user, identity_->user, identity_->user) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 && set_capabilities({});
}

void HookChild::execute() const {
    reset_signals();
    const rlimit no_core{0, 0};
    if (setsid() >= 0 && redirect_streams() && setrlimit(RLIMIT_CORE, &no_core) == 0 &&
        chdir("/") == 0 && drop_privileges())
        execve(arguments_.front(), arguments_.data(), environment_.data());
    _exit(cannot_execute);
}

} // namespace portknocko
