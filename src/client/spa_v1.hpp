// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "address.hpp"
#include "result.hpp"
#include "secret.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace portknocko {

// The datagram that opens or closes a door: 64 lower-case hex digits of
// HMAC-SHA256(secret, source address || minute as u32 little-endian), then a newline.
// `source` is the address that the server sees the datagram come from.
Result<std::string> spa_v1_payload(const Secret& secret, const Address& source,
                                   std::uint32_t minute);

// Minutes since 1970-01-01 00:00 UTC.
std::uint32_t epoch_minute(std::chrono::system_clock::time_point time);

} // namespace portknocko
