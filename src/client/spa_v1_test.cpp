// SPDX-License-Identifier: GPL-2.0-or-later
#include "spa_v1.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace portknocko;
using namespace std::chrono_literals;

namespace {

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

} // namespace

TEST_CASE("SPA v1 payloads agree with the vectors that all implementations share") {
    const auto vectors = nlohmann::json::parse(std::ifstream(SPA_V1_VECTORS));
    REQUIRE_FALSE(vectors.empty());
    for (const auto& vector : vectors) {
        CAPTURE(vector.dump());
        const auto secret = Secret::from_text(from_hex(vector.at("secret")), "vector");
        REQUIRE(secret);
        const auto address = Address::from_text(vector.at("address"));
        REQUIRE(address);
        const auto payload = spa_v1_payload(*secret, *address, vector.at("minute"));
        REQUIRE(payload);
        CHECK(*payload == vector.at("digest").get<std::string>() + "\n");
        CHECK(payload->size() == 65);
    }
}

TEST_CASE("a minute changes with its first second") {
    using Time = std::chrono::system_clock::time_point;
    CHECK(epoch_minute(Time(0s)) == 0);
    CHECK(epoch_minute(Time(59'999ms)) == 0);
    CHECK(epoch_minute(Time(60s)) == 1);
    CHECK(epoch_minute(Time(1'763'839'019s)) == 29'397'316);
    CHECK(epoch_minute(Time(1'763'839'020s)) == 29'397'317);
}
