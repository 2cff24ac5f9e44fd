// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.hpp"

#include "unique_fd.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace portknocko {

bool forbid_memory_dumps() {
    const rlimit none{0, 0};
    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

bool open_standard_streams() {
    // open() takes the lowest free number, so three calls at the most fill the gaps.
    int fd = 0;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    const UniqueFd surplus(fd);
    return static_cast<bool>(surplus);
}

} // namespace portknocko
