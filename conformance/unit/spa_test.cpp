// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include "spa.h"
}

namespace {

class Secret {
public:
    explicit Secret(std::string_view bytes) {
        hmac_sha256_preparekey(&key_, reinterpret_cast<const u8*>(bytes.data()), bytes.size());
    }
    const hmac_sha256_key* get() const { return &key_; }

private:
    hmac_sha256_key key_{};
};

std::string unhex(std::string_view hex) {
    std::string bytes;
    for (std::size_t at = 0; at < hex.size(); at += 2)
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(at, 2)}, nullptr, 16));
    return bytes;
}

std::vector<u8> address_bytes(const std::string& text) {
    const bool ipv6 = text.find(':') != std::string::npos;
    std::vector<u8> bytes(ipv6 ? 16 : 4);
    REQUIRE(inet_pton(ipv6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) == 1);
    return bytes;
}

bool parse(pknock_spa_v1& spa, std::string_view payload) {
    return pknock_spa_v1_parse(&spa, reinterpret_cast<const u8*>(payload.data()), payload.size());
}

struct Vector {
    std::string secret, digest;
    std::vector<u8> address;
    u32 minute;
};

std::vector<Vector> vectors() {
    std::ifstream file{SPA_V1_VECTORS};
    std::vector<Vector> all;
    for (const auto& entry : nlohmann::json::parse(file))
        all.push_back(
            {unhex(entry.at("secret").get<std::string>()), entry.at("digest").get<std::string>(),
             address_bytes(entry.at("address").get<std::string>()), entry.at("minute").get<u32>()});
    REQUIRE(all.size() > 10);
    return all;
}

bool verify(const pknock_spa_v1& spa, const Vector& vector, const hmac_sha256_key* secret, u32 now,
            u8 skew, u32& minute) {
    return pknock_spa_v1_verify(&spa, secret, vector.address.data(), vector.address.size(), now,
                                skew, &minute);
}

} // namespace

TEST_CASE("every vector is true in its own minute, with any last byte") {
    for (const auto& vector : vectors()) {
        const Secret secret{vector.secret};
        for (const char last : {'\n', '\0', 'x'}) {
            pknock_spa_v1 spa;
            u32 minute = 0;
            REQUIRE(parse(spa, vector.digest + last));
            CHECK(verify(spa, vector, secret.get(), vector.minute, 0, minute));
            CHECK(minute == vector.minute);
        }
    }
}

TEST_CASE("a token is true within its skew on both sides, and its own minute is told") {
    const auto vector = vectors().front();
    const Secret secret{vector.secret};
    pknock_spa_v1 spa;
    REQUIRE(parse(spa, vector.digest + '\n'));
    for (int skew = 0; skew <= 5; skew++) {
        for (int off = -7; off <= 7; off++) {
            u32 minute = 0;
            const bool inside = std::abs(off) <= skew;
            CHECK(verify(spa, vector, secret.get(), vector.minute + static_cast<u32>(off),
                         static_cast<u8>(skew), minute) == inside);
            CHECK(minute == (inside ? vector.minute : 0));
        }
    }
}

TEST_CASE("another secret, address, family or digest is a lie") {
    const auto vector = vectors().front();
    const Secret secret{vector.secret};
    const Secret other{vector.secret + "x"};
    pknock_spa_v1 spa;
    u32 minute;
    REQUIRE(parse(spa, vector.digest + '\n'));
    CHECK_FALSE(verify(spa, vector, other.get(), vector.minute, 5, minute));

    auto elsewhere = vector;
    elsewhere.address.back() ^= 1;
    CHECK_FALSE(verify(spa, elsewhere, secret.get(), vector.minute, 5, minute));
    elsewhere = vector;
    elsewhere.address.resize(16);
    CHECK_FALSE(verify(spa, elsewhere, secret.get(), vector.minute, 5, minute));

    for (std::size_t byte = 0; byte < SHA256_DIGEST_SIZE; byte++) {
        auto wrong = spa;
        wrong.token[byte] ^= 1;
        CHECK_FALSE(verify(wrong, vector, secret.get(), vector.minute, 1, minute));
    }
}

TEST_CASE("the first minutes since 1970 have no minutes before them") {
    const auto vector = vectors().front();
    const Secret secret{vector.secret};
    pknock_spa_v1 spa;
    u32 minute;
    REQUIRE(parse(spa, vector.digest + '\n'));
    CHECK_FALSE(verify(spa, vector, secret.get(), 0, 5, minute));
}

TEST_CASE("the first minute is a minute, and the last one is not before it") {
    const std::array<u8, 4> address{192, 0, 2, 1};
    const Secret secret{"open"};
    const auto token_of = [&](const std::array<u8, 4>& minute) {
        std::array<u8, 8> message{};
        std::copy(minute.begin(), minute.end(),
                  std::copy(address.begin(), address.end(), message.begin()));
        pknock_spa_v1 spa;
        hmac_sha256(secret.get(), message.data(), message.size(), spa.token);
        return spa;
    };
    const auto is_true = [&](const pknock_spa_v1& spa, u32 now, u8 skew) {
        u32 minute;
        return pknock_spa_v1_verify(&spa, secret.get(), address.data(), address.size(), now, skew,
                                    &minute);
    };
    CHECK(is_true(token_of({0, 0, 0, 0}), 0, 0));
    CHECK(is_true(token_of({0, 0, 0, 0}), 5, 5));
    CHECK(is_true(token_of({0xff, 0xff, 0xff, 0xff}), UINT32_MAX, 0));
    CHECK_FALSE(is_true(token_of({0xff, 0xff, 0xff, 0xff}), 0, 5));
}

TEST_CASE("an address that is too long is a refusal") {
    const auto vector = vectors().front();
    const Secret secret{vector.secret};
    pknock_spa_v1 spa;
    u32 minute;
    REQUIRE(parse(spa, vector.digest + '\n'));
    const std::array<u8, 17> too_long{};
    CHECK_FALSE(pknock_spa_v1_verify(&spa, secret.get(), too_long.data(), too_long.size(),
                                     vector.minute, 1, &minute));
}

TEST_CASE("the format is 64 lower-case hex digits and one byte more") {
    const std::string digits = vectors().front().digest;
    pknock_spa_v1 spa;
    CHECK(parse(spa, digits + '\n'));
    CHECK_FALSE(parse(spa, digits));
    CHECK_FALSE(parse(spa, digits + "\n\n"));
    CHECK_FALSE(parse(spa, ""));
    for (const char bad : {'A', 'F', 'g', '/', ':', '`', ' ', '\0', '\xff'}) {
        for (std::size_t at = 0; at < digits.size(); at++) {
            auto spoiled = digits + '\n';
            spoiled[at] = bad;
            CHECK_FALSE(parse(spa, spoiled));
        }
    }
}
