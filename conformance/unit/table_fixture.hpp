// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <vector>

extern "C" {
#include "table.h"
#include <linux/rcupdate.h>
#include <linux/slab.h>
}

struct Entry {
    u32 key = 0;
    u32 hash = 0;
};

inline bool has_key(const void* entry, const void* key) {
    return static_cast<const Entry*>(entry)->key == *static_cast<const u32*>(key);
}

inline void forget(void*) {
}

/* Mixes well, and never maps two keys to one hash. */
inline u32 mixed(u32 key) {
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

/* So many allocations succeed, as long as this is there. */
class ShortMemory {
public:
    explicit ShortMemory(long left) { unit_memory_left = left; }
    ~ShortMemory() { unit_memory_left = -1; }
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

    static inline thread_local Meanwhile* current_ = nullptr;
    std::function<void()> act_;
    unsigned at_, count_ = 0;
};
