// SPDX-License-Identifier: GPL-2.0-or-later
#include "rfc3339.hpp"

#include <doctest/doctest.h>

using namespace portknocko;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint moment{1'795'398'516'250ms};

} // namespace

TEST_CASE("times are written in UTC, with milliseconds") {
    CHECK(to_rfc3339(moment) == "2026-11-23T01:48:36.250Z");
    CHECK(to_rfc3339(TimePoint{}) == "1970-01-01T00:00:00.000Z");
    CHECK(to_rfc3339(TimePoint{-1ms}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("what was written is read") {
    CHECK(parse_rfc3339("2026-11-23T01:48:36.250Z") == moment);
    CHECK(parse_rfc3339("1970-01-01T00:00:00.000Z") == TimePoint{});
}

TEST_CASE("what is not a time in this form is refused") {
    for (const char* bad :
         {"", "now", "2026-11-23", "2026-11-23T01:48:36Z", "2026-11-23T01:48:36.25Z",
          "2026-11-23T01:48:36.2500Z", "2026-11-23T01:48:36.250", "2026-11-23T01:48:36.250+",
          "2026-11-23T01:48:36.2x0Z", "2026-02-31T01:48:36.250Z", " 026-11-23T01:48:36.250Z",
          "2026-11-23T25:48:36.250Z", "0026-11-23T01:48:36.250Z", "9999-11-23T01:48:36.250Z"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_rfc3339(bad));
    }
}
