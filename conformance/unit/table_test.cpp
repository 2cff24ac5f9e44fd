// SPDX-License-Identifier: GPL-2.0-or-later
#include <atomic>
#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <random>
#include <thread>
#include <vector>

extern "C" {
#include "table.h"
#include <linux/rcupdate.h>
#include <linux/slab.h>
}

namespace {

struct Entry {
    u32 key = 0;
    u32 hash = 0;
};

bool has_key(const void* entry, const void* key) {
    return static_cast<const Entry*>(entry)->key == *static_cast<const u32*>(key);
}

void forget(void*) {
}

/* Mixes well, and never maps two keys to one hash. */
u32 mixed(u32 key) {
    key = (key ^ key >> 16) * 0x7feb352d;
    key = (key ^ key >> 15) * 0x846ca68b;
    return key ^ key >> 16;
}

/* A table, and the entries of the keys below a number. */
class Table {
public:
    explicit Table(u32 keys, const std::function<u32(u32)>& hash = mixed)
        : entries_(keys), before_(unit_allocated) {
        for (u32 key = 0; key < keys; key++)
            entries_[key] = {key, hash(key)};
        spin_lock_init(&lock_);
    }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ~Table() {
        pknock_table_destroy(&table_, forget);
        CHECK(unit_allocated == before_);
    }

    bool insert(u32 key) {
        return !pknock_table_insert(&table_, entries_[key].hash, &entries_[key]);
    }
    bool insert_all() {
        for (auto& entry : entries_)
            if (!insert(entry.key))
                return false;
        return true;
    }
    bool remove(u32 key) {
        return pknock_table_remove(&table_, entries_[key].hash, &entries_[key]);
    }
    bool has(u32 key) const {
        return pknock_table_lookup(&table_, entries_[key].hash, &key, has_key) == &entries_[key];
    }
    u32 found(u32 first, u32 end) const {
        u32 found = 0;
        for (u32 key = first; key < end; key++)
            found += has(key);
        return found;
    }
    void shrink() { pknock_table_shrink(&table_, &lock_); }
    /* The key of the next entry of a walk, or -1. */
    long next(pknock_table_walk& walk) const {
        auto* entry = static_cast<Entry*>(pknock_table_next(&table_, &walk));
        return entry ? long{entry->key} : -1;
    }
    /* How often a walk from here meets each key. */
    std::map<u32, unsigned> met(pknock_table_walk walk = {}) const {
        std::map<u32, unsigned> met;
        for (long key = next(walk); key >= 0; key = next(walk))
            met[key]++;
        return met;
    }
    u32 count() const { return table_.count; }
    u32 size() const { return table_.size; }
    long memory() const { return unit_allocated - before_; }

private:
    pknock_table table_{};
    spinlock_t lock_{};
    std::vector<Entry> entries_;
    long before_;
};

/* Lets something happen before each access to a table's memory, or before one of them. */
class Meanwhile {
public:
    explicit Meanwhile(std::function<void()> act, unsigned at = 0)
        : act_(std::move(act)), at_(at) {}
    Meanwhile(const Meanwhile&) = delete;
    Meanwhile& operator=(const Meanwhile&) = delete;

    ~Meanwhile() { unit_meanwhile = nullptr; }

    void during(const std::function<void()>& work) {
        current_ = this;
        unit_meanwhile = interrupt;
        work();
        unit_meanwhile = nullptr;
    }
    bool happened() const { return count_ >= at_; }

private:
    static void interrupt() {
        if (current_->at_ && ++current_->count_ != current_->at_)
            return;
        unit_meanwhile = nullptr;
        current_->act_();
        unit_meanwhile = interrupt;
    }

    static thread_local Meanwhile* current_;
    std::function<void()> act_;
    unsigned at_, count_ = 0;
};

thread_local Meanwhile* Meanwhile::current_;

class Reading {
public:
    Reading() { rcu_read_lock(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { rcu_read_unlock(); }
};

/* So many allocations succeed, as long as this is there. */
class ShortMemory {
public:
    explicit ShortMemory(long left) { unit_memory_left = left; }
    ~ShortMemory() { unit_memory_left = -1; }
};

} // namespace

TEST_CASE("an empty table has nothing, and takes no memory") {
    Table table(1);
    CHECK_FALSE(table.has(0));
    CHECK_FALSE(table.remove(0));
    CHECK(table.met().empty());
    table.shrink();
    CHECK(table.memory() == 0);
}

TEST_CASE("what is inserted is found until it is removed, at every size") {
    constexpr u32 keys = 20000;
    Table table(2 * keys);
    for (u32 key = 0; key < keys; key++) {
        REQUIRE(table.insert(key));
        REQUIRE(table.has(key));
        REQUIRE(table.has(key / 2));
    }
    CHECK(table.count() == keys);
    CHECK(table.size() > keys / 3);
    CHECK(table.found(0, 2 * keys) == keys);
    for (u32 key = 0; key < keys; key += 2) {
        REQUIRE(table.remove(key));
        REQUIRE_FALSE(table.remove(key));
    }
    CHECK(table.found(0, keys) == keys / 2);
    CHECK(table.count() == keys / 2);
}

TEST_CASE("entries of one hash are told apart by their keys") {
    constexpr u32 keys = 100;
    Table table(keys + 1, [](u32) { return u32{7}; });
    for (u32 key = 0; key < keys; key++)
        REQUIRE(table.insert(key));
    CHECK(table.found(0, keys + 1) == keys);
    CHECK(table.met().size() == keys);
    for (u32 key = 0; key < keys; key += 3)
        REQUIRE(table.remove(key));
    CHECK(table.found(0, keys) == keys - 34);
}

TEST_CASE("a bucket's overflow is given back with its last entry") {
    Table table(50, [](u32 key) { return key << 8; });
    REQUIRE(table.insert(0));
    const long few = table.memory();
    for (u32 key = 1; key < 50; key++)
        REQUIRE(table.insert(key));
    CHECK(table.memory() > few);
    for (u32 key = 0; key < 50; key++)
        REQUIRE(table.remove(key));
    CHECK(table.memory() == few);
}

TEST_CASE("a table that was emptied shrinks, loses nothing, and grows again") {
    constexpr u32 keys = 50000, left = 300;
    Table table(keys);
    REQUIRE(table.insert_all());
    const u32 size = table.size();
    const long full = table.memory();
    for (u32 key = left; key < keys; key++)
        REQUIRE(table.remove(key));
    table.shrink();
    CHECK(table.size() == left);
    CHECK(table.memory() < full / 20);
    CHECK(table.found(0, keys) == left);
    for (u32 key = left; key < keys; key++)
        REQUIRE(table.insert(key));
    CHECK(table.found(0, keys) == keys);
    CHECK(table.size() == size);
}

TEST_CASE("without memory nothing is lost, and growth catches up") {
    constexpr u32 keys = 3000;
    Table table(keys);
    {
        ShortMemory none(0);
        CHECK_FALSE(table.insert(0));
        CHECK(table.count() == 0);
    }
    u32 inside = 0, refused = 0;
    for (u32 key = 0; key < keys; key++) {
        ShortMemory little(key % 50 ? 0 : 1);
        if (table.insert(key)) {
            inside++;
            REQUIRE(table.has(key));
        } else {
            refused++;
        }
        REQUIRE(table.found(0, key + 1) == inside);
    }
    CHECK(refused > 0);
    CHECK(inside > 300);
    for (u32 key = 0; key < keys; key++)
        if (!table.has(key))
            REQUIRE(table.insert(key));
    CHECK(table.found(0, keys) == keys);
    CHECK(table.size() * 3 > keys);
}

TEST_CASE("shrinking without memory loses nothing") {
    constexpr u32 keys = 20000;
    Table table(keys);
    REQUIRE(table.insert_all());
    for (u32 key = 0; key < keys; key++)
        if (key % 8)
            REQUIRE(table.remove(key));
    for (int tries = 0; tries < 10; tries++) {
        ShortMemory none(tries);
        table.shrink();
        CHECK(table.found(0, keys) == keys / 8);
        CHECK(table.met().size() == keys / 8);
    }
}

TEST_CASE("a walk meets everything once, in a table that stays") {
    constexpr u32 keys = 12345;
    Table table(keys);
    REQUIRE(table.insert_all());
    const auto met = table.met();
    CHECK(met.size() == keys);
    for (const auto& [key, times] : met)
        REQUIRE(times == 1);
}

TEST_CASE("a walk meets once what is there all the time, whatever comes and goes") {
    constexpr u32 staying = 2000, keys = 40000;
    std::mt19937 random(1); // NOLINT(cert-msc51-cpp): the same each time
    for (const bool growing : {true, false}) {
        Table table(keys);
        for (u32 key = 0; key < (growing ? staying : keys); key++)
            REQUIRE(table.insert(key));
        const u32 size = table.size();
        std::map<u32, unsigned> met;
        pknock_table_walk walk{};
        u32 other = staying;
        for (long key = table.next(walk); key >= 0; key = table.next(walk)) {
            met[key]++;
            for (u32 more = random() % 40; more && other < keys; more--, other++)
                REQUIRE((growing ? table.insert(other) : table.remove(other)));
            if (!growing)
                table.shrink();
        }
        CHECK((growing ? table.size() > 4 * size : table.size() < size / 4));
        for (u32 key = 0; key < staying; key++)
            REQUIRE(met[key] == 1);
        for (const auto& [key, times] : met)
            REQUIRE(times == 1);
    }
}

TEST_CASE("a walk goes on after an entry that has gone") {
    Table table(100);
    REQUIRE(table.insert_all());
    pknock_table_walk walk{};
    unsigned met = 0;
    for (long key = table.next(walk); key >= 0; key = table.next(walk)) {
        met++;
        REQUIRE(table.remove(key));
    }
    CHECK(met == 100);
    CHECK(table.count() == 0);
}

/* One CPU is in the middle of something, and another one does something from beginning to end. */
TEST_CASE("who looks between two accesses of a writer finds what stays") {
    constexpr u32 keys = 350, staying = 16;
    // Some buckets overflow.
    Table table(keys, [](u32 key) { return mixed(key) & ~u32{0x18}; });
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
