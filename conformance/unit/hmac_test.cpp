// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <doctest/doctest.h>
#include <numeric>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <vector>

extern "C" {
#include <crypto/sha2.h>
}

namespace {

using Digest = std::array<u8, SHA256_DIGEST_SIZE>;

std::vector<u8> bytes(std::size_t count, u8 first) {
    std::vector<u8> result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

Digest ours(const std::vector<u8>& raw_key, const std::vector<u8>& message) {
    hmac_sha256_key key;
    Digest digest{};
    hmac_sha256_preparekey(&key, raw_key.data(), raw_key.size());
    hmac_sha256(&key, message.data(), message.size(), digest.data());
    return digest;
}

Digest openssl(const std::vector<u8>& key, const std::vector<u8>& message) {
    Digest digest{};
    REQUIRE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(),
                 message.size(), digest.data(), nullptr) != nullptr);
    return digest;
}

} // namespace

TEST_CASE("the HMAC for older kernels is OpenSSL's, with keys around a block and its digest") {
    for (std::size_t size = 1; size <= 2 * SHA256_BLOCK_SIZE + 1; size++) {
        const auto key = bytes(size, 0x5a);
        CHECK(ours(key, bytes(20, 1)) == openssl(key, bytes(20, 1)));
    }
}

TEST_CASE("the HMAC for older kernels is OpenSSL's, with messages around a block") {
    const auto key = bytes(16, 7);
    for (std::size_t size = 0; size <= 2 * SHA256_BLOCK_SIZE + 1; size++)
        CHECK(ours(key, bytes(size, 3)) == openssl(key, bytes(size, 3)));
}

TEST_CASE("a prepared key serves any number of messages") {
    const auto raw_key = bytes(100, 9);
    hmac_sha256_key key;
    hmac_sha256_preparekey(&key, raw_key.data(), raw_key.size());
    for (u8 first = 0; first < 10; first++) {
        const auto message = bytes(20, first);
        Digest digest{};
        hmac_sha256(&key, message.data(), message.size(), digest.data());
        CHECK(digest == openssl(raw_key, message));
    }
}
