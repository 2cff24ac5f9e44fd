// SPDX-License-Identifier: GPL-2.0-or-later
#include "door_memory.hpp"

#include "saved_doors.hpp"
#include "trusted_file.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace portknocko {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds shortest_delay{5000};
// Saving takes at most this part of the time, however many may pass.
constexpr int largest_share = 20;

} // namespace

DoorMemory::DoorMemory(EventLoop& loop, Journal& journal)
    : loop_(loop), journal_(journal), delay_(shortest_delay) {
}

void DoorMemory::configure(const SavedDoorsConfig& config) {
    if (config == config_)
        return;
    config_ = config;
    has_failed_ = false;
    if (is_current_)
        note_change();
}

void DoorMemory::recall() {
    if (is_current_ || has_failed_ || !config_.enabled)
        return;
    if (const Status status = restore(); !status) {
        has_failed_ = true;
        journal_.error(status.error().message + "; doors are neither opened nor saved");
        return;
    }
    is_current_ = true;
    save();
}

Status DoorMemory::restore() {
    if (access(config_.file.c_str(), F_OK) != 0 && errno == ENOENT)
        return Done{};
    const auto doors = load_saved(config_.file);
    if (!doors)
        return doors.error();
    if (!doors->boot.empty() && doors->boot == current_boot())
        return Done{};
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto restored = restore_doors(*client, *doors);
    if (!restored)
        return restored.error();
    journal_.notice("doors that were saved: " + std::to_string(restored->opened) + " opened, " +
                    std::to_string(restored->over) + " over, " + std::to_string(restored->refused) +
                    " refused");
    if (restored->refused > 0)
        journal_.warning("refused: " + restored->refusal);
    return Done{};
}

void DoorMemory::note_change() {
    if (!is_current_ || !config_.enabled || pending_)
        return;
    auto pending = loop_.after(delay_, [this] { save(); });
    if (pending)
        pending_ = *std::move(pending);
    else
        save();
}

void DoorMemory::forget() {
    pending_.reset();
    if (!is_current_ || !config_.enabled)
        return;
    const SavedDoors none{std::chrono::system_clock::now(), current_boot(), {}};
    finish(write_file_atomically(config_.file, write_saved(none)));
}

void DoorMemory::leave() {
    if (pending_)
        save();
}

void DoorMemory::save() {
    pending_.reset();
    const auto begin = steady_clock::now();
    auto client = Client::open();
    if (client) {
        const auto saved = save_doors(*client, config_.file);
        finish(saved ? Status(Done{}) : saved.error());
    } else if (client.error().code != ExitCode::not_loaded) { // of which forget() is told
        finish(client.error());
    }
    const auto taken = duration_cast<milliseconds>(steady_clock::now() - begin);
    delay_ = std::max(shortest_delay, largest_share * taken);
}

// A file that is behind would let people in whom the door was closed for.
void DoorMemory::finish(const Status& status) {
    if (status) {
        complaint_.clear();
        return;
    }
    unlink(config_.file.c_str());
    if (status.error().message != complaint_)
        journal_.error("doors cannot be saved, and those that were are forgotten: " +
                       status.error().message);
    complaint_ = status.error().message;
    note_change();
}

} // namespace portknocko
