// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_fixture.hpp"
#include <random>

namespace {

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
