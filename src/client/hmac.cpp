// SPDX-License-Identifier: GPL-2.0-or-later
#include "hmac.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace portknocko {

Result<Sha256Digest> hmac_sha256(std::span<const std::uint8_t> key,
                                 std::span<const std::uint8_t> message) {
    Sha256Digest digest{};
    unsigned int size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
             digest.data(), &size) == nullptr ||
        size != digest.size()) {
        const char* const reason = ERR_reason_error_string(ERR_get_error());
        return Error{ExitCode::internal, std::string("HMAC-SHA256 is not available: ") +
                                             (reason != nullptr ? reason : "unknown reason")};
    }
    return digest;
}

} // namespace portknocko
