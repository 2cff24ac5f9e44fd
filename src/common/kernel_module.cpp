// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_module.hpp"

#include <array>
#include <cerrno>
#include <spawn.h>
#include <string>
#include <sys/wait.h>

namespace portknocko {

Status load_kernel_module() {
    // posix_spawn() takes arguments that it could change, hence copies.
    std::string program = "/sbin/modprobe";
    std::string module = "xt_pknock";
    const std::array<char*, 3> arguments{program.data(), module.data(), nullptr};
    const std::array<char*, 1> environment{nullptr};
    pid_t child = 0;
    const int problem = posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(),
                                    environment.data());
    if (problem != 0)
        return system_error(ExitCode::not_loaded, program, problem);
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return system_error(ExitCode::not_loaded, program, errno);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return Error{ExitCode::not_loaded, "modprobe cannot load xt_pknock"};
    return Done{};
}

} // namespace portknocko
