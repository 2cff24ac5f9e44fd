// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_fixture.hpp"
#include <algorithm>
#include <array>

namespace {

constexpr unsigned slots = PKNOCK_BUCKET_SLOTS;
/* Of n buckets in a row, each but the last one gives a place to the link. */
constexpr unsigned room(unsigned buckets) {
    return buckets * slots - (buckets - 1);
}

std::vector<void*> freed; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void remember(void* entry) {
    freed.push_back(entry);
}

bool is(const void* entry, const void* other) {
    return entry == other;
}

/* A bucket, those after it, and entries whose hashes differ in all bits that matter. */
class Chain {
public:
    Chain() {
        for (u32 number = 0; number < entries_.size(); number++)
            entries_[number].hash = number << 27 | number;
    }
    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;
    ~Chain() {
        pknock_bucket_destroy(&first_, remember);
        CHECK(unit_allocated == before_);
        freed.clear();
    }

    bool add(u32 number) {
        return pknock_bucket_add(&first_, entries_[number].hash, &entries_[number]);
    }
    void add_all(u32 count) {
        for (u32 number = 0; number < count; number++)
            REQUIRE(add(number));
    }
    bool remove(u32 number) { return pknock_bucket_remove(&first_, &entries_[number]); }
    void remove(u32 begin, u32 end) {
        for (u32 number = begin; number < end; number++)
            REQUIRE(remove(number));
    }
    bool has(u32 number) const {
        const Entry& entry = entries_[number];
        return pknock_bucket_lookup(&first_, entry.hash, &entry, is) == &entry;
    }
    unsigned found() const {
        unsigned found = 0;
        for (u32 number = 0; number < entries_.size(); number++)
            found += has(number);
        return found;
    }
    /* How many places have an entry: more than found() if one is there twice. */
    unsigned occupied() const {
        unsigned occupied = 0;
        for (const auto* bucket = &first_; bucket; bucket = next(*bucket))
            for (const void* entry : bucket->entry)
                occupied += entry && !pknock_bucket_next(const_cast<void*>(entry));
        return occupied;
    }
    unsigned buckets() const {
        unsigned buckets = 0;
        for (const auto* bucket = &first_; bucket; bucket = next(*bucket))
            buckets++;
        return buckets;
    }
    bool has_memory() const { return unit_allocated != before_; }
    pknock_bucket& first() { return first_; }

private:
    static const pknock_bucket* next(const pknock_bucket& bucket) {
        return pknock_bucket_next(bucket.entry[PKNOCK_BUCKET_LAST]);
    }

    pknock_bucket first_{};
    std::array<Entry, 31> entries_;
    long before_ = unit_allocated;
};

} // namespace

TEST_CASE("a bucket goes on into another when all its places are taken") {
    Chain chain;
    for (u32 number = 0; number < room(3); number++) {
        REQUIRE(chain.add(number));
        CHECK(chain.buckets() == (number < room(1) ? 1 : number < room(2) ? 2 : 3));
    }
    CHECK(chain.found() == room(3));
    CHECK(chain.has_memory());
}

TEST_CASE("a free place is taken again") {
    Chain chain;
    chain.add_all(room(2));
    for (u32 number = 0; number < room(2); number++) {
        REQUIRE(chain.remove(number));
        REQUIRE(chain.add(number));
        CHECK(chain.buckets() == 2);
        CHECK(chain.found() == room(2));
    }
}

TEST_CASE("without memory for another bucket what was there stays, and more is refused") {
    Chain chain;
    chain.add_all(room(1));
    const ShortMemory none(0);
    CHECK_FALSE(chain.add(room(1)));
    CHECK(chain.found() == room(1));
    CHECK(chain.first().beyond == 0);
}

TEST_CASE("the filter tells of what is beyond, and of nothing when that is gone") {
    Chain chain;
    chain.add_all(slots + 2);
    CHECK(chain.first().beyond == 7U << (slots - 1));
    chain.remove(slots - 1, slots + 2);
    CHECK(chain.first().beyond == 0);
    CHECK(chain.buckets() == 1);
    CHECK_FALSE(chain.has_memory());
}

TEST_CASE("what is dropped by a bit gives back what it was in") {
    Chain chain;
    pknock_bucket& first = chain.first();
    std::array<Entry, room(3)> entries;
    for (unsigned number = 0; number < room(3); number++)
        REQUIRE(pknock_bucket_add(&first, number < 2 ? 1 : 2, &entries[number]));
    pknock_bucket_drop(&first, 2);
    CHECK(chain.occupied() == 2);
    CHECK(chain.buckets() == 1);
    CHECK_FALSE(chain.has_memory());
    for (unsigned number = 0; number < 2; number++)
        CHECK(pknock_bucket_remove(&first, &entries[number]));
}

TEST_CASE("a lone bucket has nothing to gather") {
    Chain chain;
    CHECK_FALSE(pknock_bucket_gather(&chain.first()));
    chain.add_all(slots);
    CHECK_FALSE(pknock_bucket_gather(&chain.first()));
}

TEST_CASE("a full bucket gathers nothing, and loses nothing") {
    Chain chain;
    chain.add_all(room(3));
    CHECK(pknock_bucket_gather(&chain.first()));
    CHECK(chain.occupied() == room(3));
    pknock_bucket_thin(&chain.first());
    CHECK(chain.found() == chain.occupied());
    CHECK(chain.found() == room(3));
    CHECK(chain.buckets() == 3);
}

TEST_CASE("what fits into the first bucket comes back, the last one in place of the link") {
    Chain chain;
    chain.add_all(room(3));
    chain.remove(0, slots - 1);
    chain.remove(room(3) - slots + 1, room(3));
    REQUIRE(chain.found() == slots);
    CHECK(pknock_bucket_gather(&chain.first()));
    CHECK(chain.found() == slots);
    CHECK(chain.occupied() == 2 * slots - 1);
    pknock_bucket_thin(&chain.first());
    CHECK(chain.found() == slots);
    CHECK(chain.occupied() == slots);
    CHECK(chain.buckets() == 1);
    CHECK(chain.first().beyond == 0);
    CHECK_FALSE(chain.has_memory());
}

TEST_CASE("what does not fit stays beyond, in no more buckets than it needs") {
    Chain chain;
    chain.add_all(room(3));
    chain.remove(0, 3);
    chain.remove(room(3) - 4, room(3) - 1);
    const unsigned left = room(3) - 6;
    CHECK(pknock_bucket_gather(&chain.first()));
    CHECK(chain.found() == left);
    CHECK(chain.occupied() == left + 3);
    pknock_bucket_thin(&chain.first());
    CHECK(chain.found() == left);
    CHECK(chain.occupied() == left);
    CHECK(chain.buckets() == 2);
}

TEST_CASE("the owner frees each entry of a bucket, and of those after it, once") {
    std::array<Entry, room(3)> entries;
    pknock_bucket first{};
    const long before = unit_allocated;
    std::vector<void*> added;
    for (Entry& entry : entries) {
        REQUIRE(pknock_bucket_add(&first, 0, &entry));
        added.push_back(&entry);
    }
    pknock_bucket_destroy(&first, remember);
    std::sort(freed.begin(), freed.end());
    CHECK(freed == added);
    CHECK(unit_allocated == before);
    freed.clear();
}
