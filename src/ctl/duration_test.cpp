// SPDX-License-Identifier: GPL-2.0-or-later
#include "duration.hpp"

#include <doctest/doctest.h>

using namespace portknocko;
using namespace portknocko::ctl;
using namespace std::chrono_literals;

TEST_CASE("durations are seconds, or have a unit") {
    const auto parsed = [](const char* text) {
        const auto duration = parse_duration(text);
        REQUIRE(duration);
        return *duration;
    };
    CHECK(parsed("90") == 90s);
    CHECK(parsed("90s") == 90s);
    CHECK(parsed("15m") == 15min);
    CHECK(parsed("8h") == 8h);
    CHECK(parsed("7d") == 168h);
    CHECK(parsed("4294967295") == std::chrono::seconds(4294967295));
    CHECK(parsed("49710d") == std::chrono::hours(49710 * 24));
}

TEST_CASE("what is no duration, or none that the kernel takes, is refused") {
    for (const char* bad : {"", "s", "0", "0d", "-1", "+1", "1.5h", "1h30m", "90 s", " 90", "90S",
                            "1w", "soon", "4294967296", "49711d", "99999999999999999999"}) {
        CAPTURE(bad);
        const auto duration = parse_duration(bad);
        REQUIRE_FALSE(duration);
        CHECK(duration.error().code == ExitCode::usage);
    }
}

TEST_CASE("durations are shown in their two largest units") {
    CHECK(duration_text(1ms) == "1s");
    CHECK(duration_text(29s) == "29s");
    CHECK(duration_text(60s) == "1m 0s");
    CHECK(duration_text(65min + 4s) == "1h 5m");
    CHECK(duration_text(73h) == "3d 1h");
}
