// SPDX-License-Identifier: GPL-2.0-or-later
#include "dialogue.hpp"

#include "output.hpp"

#include <array>
#include <cerrno>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace portknocko::setup {

Result<std::string> ask_on_terminal(const std::string& question, const std::string& proposal) {
    if (isatty(STDIN_FILENO) == 0)
        return Error{ExitCode::usage, "there is no terminal to ask on: \"" + question +
                                          "\" has to be answered by an option"};
    if (const Status status = print(question + " [" + proposal + "] "); !status)
        return status.error();
    std::string answer;
    if (!std::getline(std::cin, answer))
        return Error{ExitCode::usage, "no answer"};
    return answer.empty() ? proposal : answer;
}

Fate wait_for_enter(const Guard& guard) {
    std::array<pollfd, 2> fds = {pollfd{guard.fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while (true) {
        if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            return guard.undo();
        if (fds[0].revents != 0)
            return guard.fate();
        if (fds[1].revents == 0)
            continue;
        if (std::string line; std::getline(std::cin, line))
            return guard.keep();
        fds[1].fd = -1; // the terminal is gone, and with it perhaps the way in
    }
}

} // namespace portknocko::setup
