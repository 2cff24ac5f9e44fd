// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstring>
#include <doctest/doctest.h>
#include <memory>
#include <vector>

extern "C" {
#include "replay.h"
}

namespace {

/* The door's memory, with entries that are the test's. */
class Memory {
public:
    Memory() { replay_.key = {{1, 2}}; }

    bool add(u32 token, u32 minute, u32 skew = 1) {
        auto& entry = *entries_.emplace_back(std::make_unique<pknock_replay_entry>());
        std::memcpy(entry.token, &token, sizeof(token));
        entry.minute = minute;
        entry.until = minute + skew;
        return pknock_replay_add(&replay_, &entry);
    }

    /* How many were forgotten. */
    unsigned forget(u32 now) {
        unsigned dropped = 0;
        for (unsigned bucket = 0; bucket < PKNOCK_REPLAY_BUCKETS; bucket++)
            for (const auto* entry = pknock_replay_forget(&replay_, bucket, now); entry;
                 entry = entry->next)
                dropped++;
        return dropped;
    }

    u32 count() const { return replay_.count; }

private:
    pknock_replay replay_{};
    std::vector<std::unique_ptr<pknock_replay_entry>> entries_;
};

} // namespace

TEST_CASE("a token is accepted once") {
    Memory memory;
    CHECK(memory.add(1, 100));
    CHECK_FALSE(memory.add(1, 100));
    CHECK(memory.add(2, 100));
    CHECK(memory.count() == 2);
}

TEST_CASE("tokens differ in their last bytes too") {
    pknock_replay replay{};
    pknock_replay_entry a{}, b{}, again{};
    b.token[SHA256_DIGEST_SIZE - 1] = again.token[SHA256_DIGEST_SIZE - 1] = 1;
    CHECK(pknock_replay_add(&replay, &a));
    CHECK(pknock_replay_add(&replay, &b));
    CHECK_FALSE(pknock_replay_add(&replay, &again));
}

TEST_CASE("a token is remembered until its window is over, then it is below the floor") {
    Memory memory;
    CHECK(memory.add(1, 100));
    CHECK(memory.forget(101) == 0);
    CHECK_FALSE(memory.add(1, 100));
    CHECK(memory.forget(102) == 1);
    CHECK(memory.count() == 0);
    CHECK_FALSE(memory.add(1, 100));
}

TEST_CASE("the floor is the highest minute forgotten, whatever the order") {
    Memory memory;
    CHECK(memory.add(1, 100));
    CHECK(memory.add(2, 102));
    CHECK(memory.add(3, 101));
    CHECK(memory.forget(104) == 3);
    for (u32 minute = 99; minute <= 102; minute++)
        CHECK_FALSE(memory.add(9, minute));
    CHECK(memory.add(9, 103));
}

TEST_CASE("what is not forgotten does not raise the floor") {
    Memory memory;
    CHECK(memory.add(1, 100));
    CHECK(memory.add(2, 105));
    CHECK(memory.forget(102) == 1);
    CHECK_FALSE(memory.add(2, 105));
    CHECK(memory.add(3, 101));
}

TEST_CASE("a clock that steps forward and back again brings nothing back") {
    Memory memory;
    CHECK(memory.add(1, 100));
    CHECK(memory.forget(5000) == 1);
    CHECK_FALSE(memory.add(1, 100));
    CHECK(memory.add(2, 101)); /* a forgotten minute is the floor, not the clock */
}

TEST_CASE("the first minute and the last one are minutes like others") {
    Memory memory;
    CHECK(memory.add(1, 0, 0));
    CHECK_FALSE(memory.add(1, 0, 0));
    CHECK(memory.add(2, UINT32_MAX, 0));
    CHECK(memory.forget(UINT32_MAX) == 1);
    CHECK_FALSE(memory.add(1, 0, 0));
    CHECK_FALSE(memory.add(2, UINT32_MAX, 0));
}

TEST_CASE("thousands of tokens are each accepted once and each forgotten") {
    Memory memory;
    for (u32 token = 0; token < 5000; token++)
        CHECK(memory.add(token, 100 + token % 3));
    for (u32 token = 0; token < 5000; token++)
        CHECK_FALSE(memory.add(token, 100 + token % 3));
    CHECK(memory.forget(200) == 5000);
}
