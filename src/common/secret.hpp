// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <xt_pknock.h>

namespace portknocko {

// A door's secret, as the kernel takes it: 1 to 127 bytes without NUL. The bytes live in the object
// itself, never on the heap, and are zeroed when it dies or is moved from. It cannot be copied.
class Secret {
public:
    static constexpr std::size_t max_size = XT_PKNOCK_SECRET_SIZE - 1;

    // `origin` begins the error message: where the text came from.
    static Result<Secret> from_text(std::string_view text, const std::string& origin);

    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    std::span<const std::uint8_t> bytes() const { return std::span(bytes_).first(size_); }

private:
    explicit Secret(std::string_view text);
    void wipe() noexcept;

    std::array<std::uint8_t, max_size> bytes_{};
    std::size_t size_ = 0;
};

} // namespace portknocko
