// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_fixture.hpp"
#include <random>

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

TEST_CASE("a table grows with the entry that makes more than five for two buckets") {
    constexpr u32 buckets = PKNOCK_SEGMENT_BUCKETS, full = buckets / 2 * 5;
    Table table(2 * full);
    for (u32 key = 0; key < full; key++)
        REQUIRE(table.insert(key));
    CHECK(table.size() == buckets);
    // One bucket more is not even half of a pair.
    REQUIRE(table.insert(full));
    CHECK(table.size() == buckets + 2);
}

TEST_CASE("each insertion makes up for two that memory did not suffice for") {
    constexpr u32 buckets = PKNOCK_SEGMENT_BUCKETS, full = buckets / 2 * 5;
    Table table(2 * full);
    for (u32 key = 0; key < full; key++)
        REQUIRE(table.insert(key));
    u32 key = full;
    {
        const ShortMemory none(0);
        while (table.count() < full + 20)
            table.insert(key++);
    }
    CHECK(table.size() == buckets);
    for (u32 more = 1; more <= 3; more++) {
        REQUIRE(table.insert(key++));
        CHECK(table.size() == buckets + 2 * more);
    }
}

TEST_CASE("a table of more than one directory loses nothing, in walks neither") {
    constexpr u32 keys = PKNOCK_DIRECTORY_BUCKETS / 2 * 5 + 5000;
    Table table(keys);
    REQUIRE(table.insert_all());
    CHECK(table.size() > PKNOCK_DIRECTORY_BUCKETS + 1000);
    CHECK(table.found(0, keys) == keys);
    pknock_table_walk walk{};
    u32 met = 0;
    while (table.next(walk) >= 0)
        met++;
    CHECK(met == keys);
}

TEST_CASE("a table shrinks when less than half of its buckets would do") {
    constexpr u32 keys = 1000;
    Table table(keys);
    REQUIRE(table.insert_all());
    const u32 size = table.size();
    for (u32 key = size / 2; key < keys; key++)
        REQUIRE(table.remove(key));
    table.shrink();
    CHECK(table.size() == size);
    REQUIRE(table.remove(0));
    table.shrink();
    CHECK(table.size() == size / 2 - 1);
}

TEST_CASE("of buckets that cannot be merged nothing stays behind in the wrong one") {
    constexpr u32 together = 7, keys = 1000;
    // These are in bucket 5, or in 133 when there is one; the others never are.
    Table table(keys, [](u32 key) {
        return key < together ? key << 8 | (key < 3 ? 0 : 128) | 5 : mixed(key) | 16;
    });
    REQUIRE(table.insert_all());
    for (u32 key = together; key < keys; key++)
        REQUIRE(table.remove(key));
    {
        const ShortMemory none(0);
        table.shrink();
    }
    CHECK(table.size() == 133 + 1);
    for (u32 key = 3; key < together; key++)
        REQUIRE(table.remove(key));
    table.shrink();
    CHECK(table.size() == 64);
    CHECK(table.found(0, keys) == 3);
    CHECK(table.met().size() == 3);
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

TEST_CASE("a walk meets the last hash there is, and each of its entries") {
    Table table(3, [](u32) { return ~u32{0}; });
    REQUIRE(table.insert_all());
    CHECK(table.met().size() == 3);
}

TEST_CASE("a walk forgets an entry's address when it goes on to another bucket") {
    // The first one met is the second in memory; the other has the next bucket's first hash.
    Table table(2, [](u32 key) { return key ? 0 : PKNOCK_SEGMENT_BUCKETS / 2; });
    REQUIRE(table.insert_all());
    CHECK(table.met().size() == 2);
}

TEST_CASE("a walk looks into each bucket once") {
    u32 reads = 0;
    const auto count = [&](u32 keys) {
        Table table(keys);
        REQUIRE(table.insert_all());
        for (u32 key = 0; key < keys; key++)
            REQUIRE(table.remove(key));
        reads = 0;
        Meanwhile([&] { reads++; }).during([&] { CHECK(table.met().empty()); });
        return table.size();
    };
    REQUIRE(count(1) == 64);
    const u32 each = reads / 64;
    CHECK(each < 2 * (PKNOCK_BUCKET_SLOTS + 2));
    const u32 size = count(240);
    CHECK(size == 96);
    CHECK(reads == size * each);
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
