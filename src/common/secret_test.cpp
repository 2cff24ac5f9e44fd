// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

using portknocko::ExitCode;
using portknocko::Secret;

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

namespace {

std::string text_of(const Secret& secret) {
    return {secret.bytes().begin(), secret.bytes().end()};
}

} // namespace

TEST_CASE("a secret has 1 to 127 bytes and no NUL") {
    CHECK(text_of(*Secret::from_text("x", "test")) == "x");
    const std::string longest(127, 'k');
    CHECK(text_of(*Secret::from_text(longest, "test")) == longest);

    for (const std::string& bad : {std::string(), std::string(128, 'k'), std::string("a\0b", 3)}) {
        const auto refused = Secret::from_text(bad, "test");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ExitCode::secret);
        CHECK(refused.error().message.starts_with("test: the secret "));
    }
}

TEST_CASE("a refused secret is not in the message") {
    const std::string bad = "visible" + std::string(128, 'k');
    CHECK(Secret::from_text(bad, "test").error().message.find("visible") == std::string::npos);
}

TEST_CASE("moving a secret leaves nothing behind") {
    Secret first = std::move(*Secret::from_text("first", "test"));
    Secret second = std::move(first);
    CHECK(text_of(second) == "first");
    CHECK(first.bytes().empty()); // NOLINT(bugprone-use-after-move): the subject of the test

    first = std::move(second);
    CHECK(text_of(first) == "first");
    CHECK(second.bytes().empty()); // NOLINT(bugprone-use-after-move): the subject of the test
}

TEST_CASE("a dead secret's bytes are gone from memory") {
    alignas(Secret) std::array<unsigned char, sizeof(Secret)> storage{};
    const auto holds_secret = [&] {
        const std::string_view text = "ephemeral";
        return std::search(storage.begin(), storage.end(), text.begin(), text.end()) !=
               storage.end();
    };
    auto* secret = new (storage.data()) Secret(std::move(*Secret::from_text("ephemeral", "test")));
    REQUIRE(holds_secret());
    std::destroy_at(secret);
    CHECK_FALSE(holds_secret());
}
