// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_keeper.hpp"

#include <algorithm>
#include <malloc.h>

namespace portknocko {
namespace {

constexpr std::chrono::seconds first_backoff{1};
constexpr std::chrono::seconds last_backoff{60};
// Bytes of commands that the kernel is given at once: some hundred elements.
constexpr std::size_t max_pending = 1 << 16;
// A firewall's reload makes and deletes sets by the dozen: one look after it is enough.
constexpr std::chrono::milliseconds look_delay{100};

} // namespace

SetKeeper::SetKeeper(EventLoop& loop, Journal& journal, Nft& nft, SetWatch& watch, Listing listing)
    : loop_(loop), journal_(journal), nft_(nft), watch_(watch), listing_(std::move(listing)) {
}

void SetKeeper::configure(const std::map<std::string, DoorConfig>& doors) {
    std::map<SetName, Set> former = std::move(sets_);
    sets_.clear();
    for (const auto& [door, config] : doors)
        for (const SetName& name : config.sets)
            sets_.emplace(name,
                          Set{name, door, config.flush_at_exit, {}, {}, {}, {}, {}, {}, {}, {}});
    for (const auto& [name, set] : former)
        if (!sets_.contains(name))
            empty(set);
    resync();
}

void SetKeeper::open(const std::string& door, const Member& member) {
    change(door, member, true);
}

void SetKeeper::close(const std::string& door, const Member& member) {
    change(door, member, false);
}

void SetKeeper::change(const std::string& door, const Member& member, bool open) {
    for (auto& [name, set] : sets_) {
        if (set.door != door || !set.traits ||
            set.traits->family != member.source.address().family())
            continue;
        const Status fit = check_fit(*set.traits, member);
        if (!fit && open) {
            lose(set, fit.error().message);
            continue;
        }
        if (set.overlaps)
            set.stale = true;
        else if (fit)
            set.pending += open ? put_command(name, member) : remove_command(name, member);
        if (set.pending.size() > max_pending)
            commit(set);
    }
}

void SetKeeper::commit() {
    for (auto& [name, set] : sets_)
        commit(set);
}

void SetKeeper::commit(Set& set) {
    const std::string commands = std::move(set.pending);
    set.pending.clear();
    // If they fail, the set was made anew perhaps, or has an element that others added: it will be
    // seen whether all of it can be set right.
    if (set.stale || (!commands.empty() && !nft_.run(commands)))
        fill(set);
}

void SetKeeper::resync() {
    for (auto& [name, set] : sets_)
        fill(set);
}

void SetKeeper::fill(Set& set) {
    set.pending.clear();
    set.stale = false;
    if (const Status status = try_fill(set); !status) {
        lose(set, status.error().message);
        return;
    }
    if (!set.complaint.empty())
        journal_.notice("set " + set.name.text() + " is in step again");
    set.complaint.clear();
    set.backoff = {};
    set.retry.reset();
    statistics_.resyncs++;
    malloc_trim(0); // a long listing took much memory, which is not needed again soon
}

Status SetKeeper::try_fill(Set& set) {
    const auto traits = inspect_set(set.name);
    set.identity = traits ? traits->identity : "";
    if (!traits)
        return traits.error();
    auto members = listing_(set.door);
    if (!members)
        return members.error();
    std::vector<Member>& all = *members;
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](const Member& member) {
                                 return member.source.address().family() != traits->family;
                             }),
              all.end());
    for (const Member& member : all)
        if (const Status fit = check_fit(*traits, member); !fit)
            return fit.error();

    const Disjoint disjoint = make_disjoint(std::move(all));
    const Status status = run_quietly(replace_commands(set.name, disjoint.members));
    if (!status)
        return status.error();
    set.traits = *traits;
    set.overlaps = !disjoint.all;
    return Done{};
}

// What others did meanwhile is looked for.
Status SetKeeper::run_quietly(const std::vector<std::string>& commands) {
    look();
    const SetWatch::Pause pause(watch_);
    for (const std::string& command : commands)
        if (const auto result = nft_.run(command); !result)
            return result.error();
    return Done{};
}

void SetKeeper::lose(Set& set, const std::string& reason) {
    statistics_.failures++;
    empty(set);
    set.traits.reset();
    set.pending.clear();
    set.stale = false;
    if (set.complaint != reason)
        journal_.error("set " + set.name.text() + " of door " + set.door + ": " + reason +
                       "; it is emptied, and tried again by and by");
    set.complaint = reason;
    set.backoff = std::clamp(set.backoff * 2, first_backoff, last_backoff);
    auto retry = loop_.after(set.backoff, [this, &set] { fill(set); });
    if (retry)
        set.retry = *std::move(retry);
}

// Where that fails, too, there is no such set.
void SetKeeper::empty(const Set& set) {
    static_cast<void>(run_quietly({flush_command(set.name)}));
}

void SetKeeper::look() {
    if (look_)
        return;
    auto look = loop_.after(look_delay, [this] {
        look_.reset();
        verify();
    });
    if (look)
        look_ = *std::move(look);
}

void SetKeeper::verify() {
    for (auto& [name, set] : sets_) {
        const auto traits = inspect_set(name);
        if ((traits ? traits->identity : "") != set.identity)
            fill(set);
    }
}

void SetKeeper::leave() {
    for (const auto& [name, set] : sets_)
        if (set.flush_at_exit)
            empty(set);
}

SetStatistics SetKeeper::statistics() const {
    SetStatistics result = statistics_;
    result.configured = sets_.size();
    result.in_step = static_cast<std::size_t>(std::count_if(
        sets_.begin(), sets_.end(), [](const auto& entry) { return entry.second.traits; }));
    return result;
}

} // namespace portknocko
