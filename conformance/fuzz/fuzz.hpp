// SPDX-License-Identifier: GPL-2.0-or-later
// What all targets share: an input that is read piece by piece, and a word for what has to hold.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// In every build, unlike assert(): what does not hold ends the program, and libFuzzer keeps the
// input.
#define REQUIRE(...)                                                                               \
    do {                                                                                           \
        if (!(__VA_ARGS__)) {                                                                      \
            std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #__VA_ARGS__);  \
            std::abort();                                                                          \
        }                                                                                          \
    } while (false)

namespace fuzz {

// Takes values off the front; there are zeros where the bytes are used up, so that every input
// means something, and a longer one begins as a shorter one does.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    bool empty() const { return left_.empty(); }

    std::uint8_t byte() {
        if (left_.empty())
            return 0;
        const std::uint8_t value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }

    bool flag() { return (byte() & 1U) != 0; }

    // Little-endian.
    template <typename Number>
    Number number() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(Number); i++)
            value |= std::uint64_t{byte()} << (8 * i);
        return static_cast<Number>(value);
    }

    // One of a few: as near as a byte can choose.
    template <typename List>
    const auto& one_of(const List& list) {
        return list[byte() % std::size(list)];
    }

    // As many as there are, at the most.
    std::string text(std::size_t size) {
        const auto bytes = left_.first(std::min(size, left_.size()));
        left_ = left_.subspan(bytes.size());
        return {bytes.begin(), bytes.end()};
    }

    // What is before the next `end`, which goes as well.
    std::string text_until(char end) {
        const auto found = std::find(left_.begin(), left_.end(), static_cast<std::uint8_t>(end));
        const std::string before(left_.begin(), found);
        left_ = left_.subspan(std::min(before.size() + 1, left_.size()));
        return before;
    }

    std::string rest() { return text(left_.size()); }

private:
    std::span<const std::uint8_t> left_;
};

// In a block of their own on the heap: who reads beyond them is seen.
inline std::vector<std::uint8_t> on_heap(std::string_view bytes) {
    return {bytes.begin(), bytes.end()};
}

} // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
