// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "config.hpp"
#include "event_loop.hpp"
#include "journal.hpp"

#include <chrono>
#include <string>

namespace portknocko {

// Keeps who may pass in a file, so that doors are open for them after the next boot, too. The file
// tells in which boot it was written: in that one nothing is taken from it, as the kernel knows
// better.
class DoorMemory {
public:
    DoorMemory(EventLoop& loop, Journal& journal);

    void configure(const SavedDoorsConfig& config);

    // The kernel module is there: opens doors, if that was not done since the machine's start.
    void recall();
    // Somebody may pass, or may not any more. The file says so some seconds later.
    void note_change();
    // The kernel module is gone, and with it all who could pass.
    void forget();
    // Writes what is not written yet.
    void leave();

private:
    Status restore();
    void save();
    void finish(const Status& status);

    EventLoop& loop_;
    Journal& journal_;
    SavedDoorsConfig config_;
    bool is_current_ = false; // what is to be taken from the file was taken
    bool has_failed_ = false; // nothing could be taken from it: it is left alone
    std::string complaint_;   // the last, not to be said twice
    Waiting pending_;
    std::chrono::milliseconds delay_;
};

} // namespace portknocko
