// SPDX-License-Identifier: GPL-2.0-or-later
#include "spa_v1.hpp"

#include "hex.hpp"
#include "hmac.hpp"

#include <vector>

namespace portknocko {

Result<std::string> spa_v1_payload(const Secret& secret, const Address& source,
                                   std::uint32_t minute) {
    std::vector<std::uint8_t> message(source.bytes().begin(), source.bytes().end());
    for (unsigned shift = 0; shift < 32; shift += 8)
        message.push_back(static_cast<std::uint8_t>(minute >> shift));

    const Result<Sha256Digest> digest = hmac_sha256(secret.bytes(), message);
    if (!digest)
        return digest.error();
    return to_hex(*digest) + '\n';
}

std::uint32_t epoch_minute(std::chrono::system_clock::time_point time) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(time.time_since_epoch());
    return static_cast<std::uint32_t>(minutes.count());
}

} // namespace portknocko
