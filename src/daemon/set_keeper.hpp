// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "config.hpp"
#include "event_loop.hpp"
#include "journal.hpp"
#include "nft.hpp"
#include "set_commands.hpp"
#include "set_traits.hpp"
#include "set_watch.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace portknocko {

struct SetStatistics {
    std::size_t configured = 0;
    std::size_t in_step = 0;
    std::uint64_t resyncs = 0;
    std::uint64_t failures = 0;
};

// Keeps nftables' sets in step with doors. A set holds nobody whom its door is not open for: what
// cannot be kept in step is emptied, and tried again by and by.
class SetKeeper {
public:
    // Who may pass a door now. With an error the door counts as closed for all.
    using Listing = std::function<Result<std::vector<Member>>(const std::string& door)>;

    // All others outlive this.
    SetKeeper(EventLoop& loop, Journal& journal, Nft& nft, SetWatch& watch, Listing listing);

    // Sets that are no longer named are emptied, new ones filled.
    void configure(const std::map<std::string, DoorConfig>& doors);

    // The door has opened for the member, or its time began anew; or it has closed. All such
    // changes take effect with commit(), unless they are very many: then some do before.
    void open(const std::string& door, const Member& member);
    void close(const std::string& door, const Member& member);
    void commit();

    // Reads from the kernel who may pass which door, and fills all sets anew.
    void resync();
    // Looks soon which sets were deleted or made anew, and fills those.
    void look();
    // Empties the sets that are configured so.
    void leave();

    SetStatistics statistics() const;

private:
    struct Set {
        SetName name;
        std::string door;
        bool flush_at_exit;
        std::optional<SetTraits> traits; // none: it is not in step
        std::string identity;            // of the set that it was tried with
        bool overlaps = false;           // members were left out: single changes are not possible
        bool stale = false;              // to be filled anew by commit()
        std::string pending;             // commands for commit()
        std::string complaint;           // the last, not to be said twice
        std::chrono::seconds backoff{0};
        Waiting retry;
    };

    void change(const std::string& door, const Member& member, bool open);
    void commit(Set& set);
    void fill(Set& set);
    Status try_fill(Set& set);
    Status run_quietly(const std::vector<std::string>& commands);
    void verify();
    void lose(Set& set, const std::string& reason);
    void empty(const Set& set);

    EventLoop& loop_;
    Journal& journal_;
    Nft& nft_;
    SetWatch& watch_;
    Listing listing_;
    std::map<SetName, Set> sets_;
    SetStatistics statistics_;
    Waiting look_;
};

} // namespace portknocko
