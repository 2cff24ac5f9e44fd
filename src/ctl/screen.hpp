// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace portknocko::ctl {

// The terminal as a page of lines that can be scrolled. While it lives nothing else may print.
class Screen {
public:
    static Result<Screen> open();

    // Shows `lines`, as far as the screen goes, below a line that stays.
    void show(const std::string& title, const std::vector<std::string>& lines);

    // Waits for keys and obeys them: those that move, at once. False: enough, the user says, or
    // the terminal is gone.
    bool wait(std::chrono::milliseconds timeout);

private:
    struct Restore {
        void operator()(void* terminal) const;
    };
    explicit Screen(void* terminal) : terminal_(terminal) {}

    void draw();

    std::unique_ptr<void, Restore> terminal_;
    std::string title_;
    std::vector<std::string> lines_;
    int top_ = 0; // the first line that is seen
};

} // namespace portknocko::ctl
