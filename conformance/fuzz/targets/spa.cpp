// SPDX-License-Identifier: GPL-2.0-or-later
// SPA v1, section 2: which payloads are of the format, and which tokens are true, beside OpenSSL's
// HMAC over every minute that may count. What the client makes has to be what the kernel takes.
#include "fuzz.hpp"

#include <address.hpp>
#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <optional>
#include <spa_v1.hpp>

extern "C" {
#include "spa.h"
#include "uapi/xt_pknock.h"
}

namespace {

using Digest = std::array<u8, SHA256_DIGEST_SIZE>;

// Of the format, by the sentence: exactly 65 bytes, 64 of them lower-case hex digits.
std::optional<Digest> decode(std::string_view payload) {
    const std::string_view digits = "0123456789abcdef";
    if (payload.size() != 65)
        return {};
    Digest digest{};
    for (std::size_t i = 0; i < 64; i++) {
        const std::size_t value = digits.find(payload[i]);
        if (value == std::string_view::npos)
            return {};
        digest.at(i / 2) = static_cast<u8>(digest.at(i / 2) * 16 + value);
    }
    return digest;
}

Digest sign(const std::string& secret, const std::vector<u8>& address, u32 minute) {
    std::vector<u8> message = address;
    for (const unsigned shift : {0U, 8U, 16U, 24U})
        message.push_back(static_cast<u8>(minute >> shift));
    Digest digest{};
    REQUIRE(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), message.data(),
                 message.size(), digest.data(), nullptr) != nullptr);
    return digest;
}

std::string in_hex(const Digest& digest) {
    std::string text;
    for (const u8 byte : digest) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

// The minute that a token is true for. The 32 bits on the wire begin anew when they are used up.
std::optional<u32> true_minute(const Digest& digest, const std::string& secret,
                               const std::vector<u8>& address, u32 now, unsigned skew) {
    for (std::int64_t off = -std::int64_t{skew}; off <= std::int64_t{skew}; off++)
        if (now + off >= 0 && sign(secret, address, static_cast<u32>(now + off)) == digest)
            return static_cast<u32>(now + off);
    return {};
}

bool parse(pknock_spa_v1& spa, std::string_view payload) {
    const auto bytes = fuzz::on_heap(payload);
    const bool parsed = pknock_spa_v1_parse(&spa, bytes.data(), bytes.size());
    const auto expected = decode(payload);
    REQUIRE(parsed == expected.has_value());
    if (parsed)
        REQUIRE(std::equal(expected->begin(), expected->end(), std::begin(spa.token)));
    return parsed;
}

u32 read_minute(fuzz::Input& input) {
    constexpr std::array<u32, 6> interesting{0, 3, 255, 29'397'000, 1U << 31, UINT32_MAX};
    return input.one_of(interesting) + static_cast<u32>(input.byte() % 7) - 3;
}

// A client knocks with the same secret at another time, or what it sent changes on the way.
void try_token(fuzz::Input& input) {
    const auto address =
        fuzz::on_heap(std::string(input.flag() ? 16 : 4, static_cast<char>(input.byte())));
    const u32 now = read_minute(input);
    const u32 minute = input.flag() ? read_minute(input) : now + input.byte() % 15 - 7;
    const auto skew = static_cast<u8>(input.byte() % (XT_PKNOCK_SKEW_MAX + 1));
    const u8 change_at = input.byte();
    const u8 change = input.byte();
    std::string secret = input.text(XT_PKNOCK_SECRET_SIZE - 1);
    secret.erase(std::remove(secret.begin(), secret.end(), '\0'), secret.end());
    if (secret.empty())
        secret = "x";

    std::string payload = in_hex(sign(secret, address, minute)) + '\n';
    const auto sent = portknocko::spa_v1_payload(*portknocko::Secret::from_text(secret, ""),
                                                 portknocko::Address::from_bytes(address), minute);
    REQUIRE(sent && *sent == payload);
    payload.at(change_at % payload.size()) ^= static_cast<char>(change);

    hmac_sha256_key key;
    hmac_sha256_preparekey(&key, fuzz::on_heap(secret).data(), secret.size());
    pknock_spa_v1 spa{};
    if (!parse(spa, payload))
        return;
    const auto expected = true_minute(*decode(payload), secret, address, now, skew);
    u32 found = 0;
    REQUIRE(pknock_spa_v1_verify(&spa, &key, address.data(), address.size(), now, skew, &found) ==
            expected.has_value());
    REQUIRE(found == expected.value_or(0));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    if (input.flag()) {
        try_token(input);
    } else {
        pknock_spa_v1 spa{};
        parse(spa, input.rest());
    }
    return 0;
}
