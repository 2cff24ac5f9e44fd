// SPDX-License-Identifier: GPL-2.0-or-later
#include "screen.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <curses.h>
#include <limits>
#include <poll.h>
#include <unistd.h>

namespace portknocko::ctl {
namespace {

constexpr int end_key = 'q';

// How far a key moves, in lines.
int distance(int key, int page) {
    constexpr int all = std::numeric_limits<int>::max() / 2;
    switch (key) {
    case KEY_UP:
        return -1;
    case KEY_DOWN:
        return 1;
    case KEY_PPAGE:
        return -page;
    case KEY_NPAGE:
        return page;
    case KEY_HOME:
        return -all;
    case KEY_END:
        return all;
    default: // KEY_RESIZE among others
        return 0;
    }
}

int page_height() {
    return std::max(LINES - 1, 1);
}

} // namespace

void Screen::Restore::operator()(void* terminal) const {
    endwin();
    delscreen(static_cast<SCREEN*>(terminal));
}

Result<Screen> Screen::open() {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
        return Error{ExitCode::usage, "watch needs a terminal"};
    SCREEN* const terminal = newterm(nullptr, stdout, stdin);
    if (terminal == nullptr)
        return Error{ExitCode::usage, "this terminal is not known: TERM"};
    Screen screen(terminal);
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, true);
    nodelay(stdscr, true);
    return screen;
}

void Screen::draw() {
    const int last = std::max(static_cast<int>(lines_.size()) - page_height(), 0);
    top_ = std::clamp(top_, 0, last);
    erase();
    attron(A_REVERSE);
    mvaddnstr(0, 0, title_.c_str(), COLS);
    attroff(A_REVERSE);
    const int seen = std::min(page_height(), static_cast<int>(lines_.size()) - top_);
    for (int row = 0; row < seen; row++)
        mvaddnstr(row + 1, 0, lines_.at(static_cast<std::size_t>(top_ + row)).c_str(), COLS);
    refresh();
}

void Screen::show(const std::string& title, const std::vector<std::string>& lines) {
    title_ = title;
    lines_ = lines;
    draw();
}

bool Screen::wait(std::chrono::milliseconds timeout) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    // Interrupted: the window has another size, which curses tells as a key.
    poll(&input, 1, static_cast<int>(timeout.count()));
    if ((input.revents & (POLLHUP | POLLERR)) != 0)
        return false;
    for (int key = getch(); key != ERR; key = getch()) {
        if (key == end_key)
            return false;
        top_ += distance(key, page_height());
        draw();
    }
    return true;
}

} // namespace portknocko::ctl
