// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_fixture.hpp"
#include <algorithm>
#include <array>
#include <atomic>
#include <semaphore>
#include <thread>

namespace {

class Reading {
public:
    Reading() { rcu_read_lock(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { rcu_read_unlock(); }
};

} // namespace

/* One CPU is in the middle of something, and another one does something from beginning to end. */
TEST_CASE("who looks between two accesses of a writer finds what stays") {
    constexpr u32 keys = 350, staying = 16;
    // Some buckets overflow.
    const auto crowded = [](u32 key) { return mixed(key) & ~u32{0x18}; };
    // Where another bucket begins when one is split.
    const auto splitting = [](u32 key) { return key < staying ? 64 + key : mixed(key); };
    for (const auto& hash : std::array<std::function<u32(u32)>, 2>{crowded, splitting}) {
        Table table(keys, hash);
        u32 inside = 0;
        const auto look = [&] {
            u32 met = 0;
            pknock_table_walk walk{};
            for (long key = table.next(walk); key >= 0; key = table.next(walk))
                met += key < inside;
            REQUIRE(met == inside);
            REQUIRE(table.found(0, inside) == inside);
        };
        for (u32 key = 0; key < keys; key++) {
            inside = std::min(key, staying);
            Meanwhile(look).during([&] { REQUIRE(table.insert(key)); });
        }
        CHECK(table.size() > 100);
        for (u32 key = staying; key < keys; key++)
            Meanwhile(look).during([&] { REQUIRE(table.remove(key)); });
        Meanwhile(look).during([&] { table.shrink(); });
        CHECK(table.size() == 64);
    }
}

TEST_CASE("who looks finds what stays, though a table grows between any two of its reads") {
    constexpr u32 full = 160; // as many as fit before it grows
    for (const u32 more : {1, 100})
        for (u32 crowd = 5; crowd <= 13; crowd++)
            for (u32 key = 0; key < crowd; key++) {
                unsigned at = 0;
                bool happened = true;
                while (happened) {
                    // The first ones are all in bucket 0, which is split first.
                    Table table(full + more, [&](u32 number) {
                        return number < crowd ? number << 6 : mixed(number) | 1;
                    });
                    for (u32 number = 0; number < full; number++)
                        REQUIRE(table.insert(number));
                    Meanwhile growth(
                        [&] {
                            for (u32 number = full; number < full + more; number++)
                                REQUIRE(table.insert(number));
                        },
                        ++at);
                    const Reading reading;
                    growth.during([&] { REQUIRE(table.has(key)); });
                    happened = growth.happened();
                }
                CHECK(at > 5);
            }
}

TEST_CASE("who walks meets what stays once, though a table grows between any two of its reads") {
    constexpr u32 full = 160, more = 100;
    bool happened = true;
    for (unsigned at = 1; happened; at++) {
        Table table(full + more);
        for (u32 number = 0; number < full; number++)
            REQUIRE(table.insert(number));
        Meanwhile growth(
            [&] {
                for (u32 number = full; number < full + more; number++)
                    REQUIRE(table.insert(number));
            },
            at);
        const Reading reading;
        std::map<u32, unsigned> met;
        growth.during([&] { met = table.met(); });
        u32 once = 0;
        for (u32 key = 0; key < full; key++)
            once += met[key] == 1;
        REQUIRE(once == full);
        happened = growth.happened();
    }
}

namespace {

/* A writer that stops before one of its accesses, and goes on when it is told to. */
class Halting {
public:
    Halting(unsigned at, std::function<void()> work)
        : writer_([this, at, work = std::move(work)] {
              Meanwhile stop(
                  [this] {
                      halted_.release();
                      go_on_.acquire();
                  },
                  at);
              stop.during(work);
              has_halted_ = stop.happened();
              over_ = true;
              halted_.release();
          }) {
        halted_.acquire();
    }
    Halting(const Halting&) = delete;
    Halting& operator=(const Halting&) = delete;
    ~Halting() { finish(); }

    /* To its end, or until it waits for readers. */
    void go_on() {
        go_on_.release();
        while (!over_ && !__atomic_load_n(&unit_waiting, __ATOMIC_SEQ_CST))
            std::this_thread::yield();
    }
    /* Whether it had so many accesses as to stop. Context: no reader. */
    bool finish() {
        go_on_.release();
        if (writer_.joinable())
            writer_.join();
        return has_halted_;
    }

private:
    std::binary_semaphore halted_{0};
    std::counting_semaphore<> go_on_{0};
    std::atomic<bool> over_{false}, has_halted_{false};
    std::jthread writer_;
};

} // namespace

TEST_CASE("who begins to look in the middle of a growth finds what stays") {
    constexpr u32 full = 160; // as many as fit before it grows
    // The one bucket that is split overflows, and these come back to where there is room now.
    struct Crowd {
        u32 count, key;
    };
    for (const auto& crowd : {Crowd{8, 4}, Crowd{12, 8}}) {
        bool halts = true;
        // The writer reads much between two changes.
        for (unsigned begin = 1; halts; begin += 7) {
            bool interrupted = true;
            for (unsigned end = 1; interrupted; end++) {
                Table table(full + 1, [&](u32 number) {
                    return number < crowd.count ? number << 6 : mixed(number) | 1;
                });
                for (u32 number = 0; number < full; number++)
                    REQUIRE(table.insert(number));
                Halting growth(begin, [&] { CHECK(table.insert(full)); });
                Meanwhile interruption([&] { growth.go_on(); }, end);
                {
                    const Reading reading;
                    interruption.during([&] { REQUIRE(table.has(crowd.key)); });
                }
                interrupted = interruption.happened();
                halts = growth.finish();
            }
        }
    }
}

TEST_CASE("who looks finds what stays, though a table shrinks between any two of its reads") {
    constexpr u32 keys = 1000, staying = 12;
    for (u32 key = 0; key < staying; key++) {
        unsigned at = 0;
        bool happened = true;
        while (happened) {
            Table table(keys);
            REQUIRE(table.insert_all());
            for (u32 number = staying; number < keys; number++)
                REQUIRE(table.remove(number));
            std::atomic<bool> over{false};
            std::jthread writer;
            const Reading reading;
            Meanwhile shrinking(
                [&] {
                    writer = std::jthread([&] {
                        table.shrink();
                        over = true;
                    });
                    while (!over && !__atomic_load_n(&unit_waiting, __ATOMIC_SEQ_CST))
                        std::this_thread::yield();
                },
                ++at);
            shrinking.during([&] { REQUIRE(table.has(key)); });
            happened = shrinking.happened();
        }
        CHECK(at > 5);
    }
}

/* Under RCU that finds out who reads too long, and for the sanitizers to look at. */
TEST_CASE("readers find what stays while the table grows and shrinks") {
    constexpr u32 staying = 500, keys = 6000, rounds = 12;
    Table table(keys);
    for (u32 key = 0; key < staying; key++)
        REQUIRE(table.insert(key));
    std::atomic<bool> over{false};
    std::atomic<u32> lost{0};
    const auto read = [&] {
        while (!over) {
            const Reading reading;
            for (u32 key = 0; key < staying; key++)
                lost += !table.has(key);
        }
    };
    const auto walk = [&] {
        while (!over) {
            pknock_table_walk place{};
            std::map<u32, unsigned> met;
            rcu_read_lock();
            for (long key = table.next(place); key >= 0; key = table.next(place)) {
                met[key]++;
                rcu_read_unlock();
                rcu_read_lock();
            }
            rcu_read_unlock();
            for (u32 key = 0; key < staying; key++)
                lost += met[key] != 1;
        }
    };
    std::vector<std::thread> readers;
    readers.emplace_back(read);
    readers.emplace_back(walk);
    for (u32 round = 0; round < rounds; round++) {
        for (u32 key = staying; key < keys; key++)
            REQUIRE(table.insert(key));
        for (u32 key = staying; key < keys; key++)
            REQUIRE(table.remove(key));
        table.shrink();
        CHECK(table.size() == staying);
    }
    over = true;
    for (auto& reader : readers)
        reader.join();
    CHECK(lost == 0);
}
