// SPDX-License-Identifier: GPL-2.0-or-later
// OpenSSL stays behind this header.
#pragma once

#include "result.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace portknocko {

using Sha256Digest = std::array<std::uint8_t, 32>;

Result<Sha256Digest> hmac_sha256(std::span<const std::uint8_t> key,
                                 std::span<const std::uint8_t> message);

} // namespace portknocko
