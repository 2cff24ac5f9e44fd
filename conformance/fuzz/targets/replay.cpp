// SPDX-License-Identifier: GPL-2.0-or-later
// A door's memory of tokens, beside a model of A2 and A4: tokens are used, and used again, minutes
// pass, the clock is set back and forth, buckets are swept in any order.
#include "fuzz.hpp"

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>

extern "C" {
#include "replay.h"
#include "uapi/xt_pknock.h"
}

namespace {

using Token = std::array<u8, SHA256_DIGEST_SIZE>;

constexpr u32 first_minute = 20;

class Door {
public:
    explicit Door(fuzz::Input& input) {
        replay_.key = {{input.number<u64>(), input.number<u64>()}};
        now_ = input.flag() ? first_minute : 29'397'000;
        latest_ = now_;
    }
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;
    ~Door() {
        for (pknock_replay_entry* entry : replay_.buckets)
            free_all(entry);
    }

    void act(fuzz::Input& input) {
        const u8 action = input.byte();
        switch (action % 8) {
        case 0:
            return set_clock(now_ + input.byte() % 16);
        case 1:
            return set_clock(now_ - std::min<u32>(input.byte() % 16, now_));
        case 2:
            return sweep_all();
        case 3:
            return sweep(input.byte());
        case 4:
            return use_many(input.number<u16>(), action / 8);
        default:
            const u32 off = input.byte() % (2 * XT_PKNOCK_SKEW_MAX + 1);
            if (off <= now_) // there are no tokens of before 1970
                use(input.number<u16>(), now_ + XT_PKNOCK_SKEW_MAX - off);
        }
    }

private:
    void set_clock(u32 now) {
        now_ = now;
        latest_ = std::max(latest_, now);
    }

    // As HMACs: a token belongs to its minute, and two of them have nothing in common.
    static Token token_of(u16 id, u32 minute) {
        u64 seed = u64{minute} << 16 | id;
        Token token{};
        for (u8& byte : token) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            byte = static_cast<u8>(seed >> 56);
        }
        return token;
    }

    // So that there is something in most buckets.
    void use_many(u16 id, u8 count) {
        for (unsigned i = 0; i < count; i++)
            use(static_cast<u16>(id + i), now_);
    }

    // A true token comes, in a minute in which a rule would take it.
    void use(u16 id, u32 minute) {
        const Token token = token_of(id, minute);
        auto entry = std::make_unique<pknock_replay_entry>();
        entry->minute = minute;
        entry->until = minute + XT_PKNOCK_SKEW_MAX;
        std::memcpy(entry->token, token.data(), token.size());

        const bool taken = pknock_replay_add(&replay_, entry.get());
        REQUIRE(taken == (!remembered_.contains(token) && (!floor_ || minute > *floor_)));
        if (taken) {
            REQUIRE(used_.insert(token).second); // A2, A4: once in all its life
            remembered_[token] = minute;
            entry.release();
        } else if (!used_.contains(token)) {
            REQUIRE(now_ < latest_); // nobody is refused unjustly, unless the clock was set back
        }
        REQUIRE(replay_.count == remembered_.size());
    }

    void sweep(u8 bucket) {
        pknock_replay_entry* dropped = pknock_replay_forget(&replay_, bucket, now_);
        for (const pknock_replay_entry* entry = dropped; entry; entry = entry->next) {
            Token token{};
            std::memcpy(token.data(), entry->token, token.size());
            REQUIRE(entry->minute + XT_PKNOCK_SKEW_MAX < now_); // its window is over
            REQUIRE(remembered_.erase(token) == 1);
            floor_ = std::max(floor_.value_or(0), entry->minute); // A4
        }
        free_all(dropped);
        REQUIRE(replay_.count == remembered_.size());
    }

    void sweep_all() {
        for (unsigned bucket = 0; bucket < PKNOCK_REPLAY_BUCKETS; bucket++)
            sweep(static_cast<u8>(bucket));
        for (const auto& [token, minute] : remembered_)
            REQUIRE(minute + XT_PKNOCK_SKEW_MAX >= now_); // all others are gone
    }

    static void free_all(pknock_replay_entry* entry) {
        while (entry) {
            const std::unique_ptr<pknock_replay_entry> owner(entry);
            entry = entry->next;
        }
    }

    pknock_replay replay_{};
    u32 now_;
    u32 latest_; // that the clock ever showed
    std::map<Token, u32> remembered_;
    std::set<Token> used_;
    std::optional<u32> floor_; // the highest minute of a token that was forgotten
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    Door door(input);
    while (!input.empty())
        door.act(input);
    return 0;
}
