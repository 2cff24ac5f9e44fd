// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.hpp"
#include "rfc3339.hpp"
#include "screen.hpp"
#include "view.hpp"

#include <memory>
#include <sstream>

namespace portknocko::ctl {
namespace {

using namespace std::chrono_literals;

// What is shown changes by the second, as it is about seconds.
constexpr auto interval = 1s;

struct WatchOptions {
    bool open = false;
};

void add_lines(std::vector<std::string>& lines, const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(std::move(line));
}

Result<std::vector<std::string>> take_picture(const WatchOptions& options) {
    auto client = Client::open();
    if (!client && client.error().code == ExitCode::not_loaded) // it may come
        return std::vector{client.error().message};
    if (!client)
        return client.error();
    auto views = look(*client);
    if (!views)
        return views.error();
    std::vector<std::string> lines;
    for (DoorView& view : *views) {
        if (options.open)
            keep_open(view.peers);
        add_lines(lines, to_text(view));
    }
    return lines;
}

Status watch(const WatchOptions& options) {
    auto lines = take_picture(options); // before the screen: an error is not to be wiped off
    if (!lines)
        return lines.error();
    auto screen = Screen::open();
    if (!screen)
        return screen.error();
    do {
        screen->show(to_rfc3339(std::chrono::system_clock::now()) + "  q: end", *lines);
        if (!screen->wait(interval))
            return Done{};
        lines = take_picture(options);
    } while (lines);
    return lines.error();
}

} // namespace

void add_watch(Arguments& program, const Choose& choose) {
    const auto options = std::make_shared<WatchOptions>();
    program.command("watch", "the same as list, as it changes")
        .flag("--open", options->open, "only those who may pass")
        .on_choice(choose([options] { return watch(*options); }));
}

} // namespace portknocko::ctl
