// SPDX-License-Identifier: GPL-2.0-or-later
#include "words.hpp"

#include <doctest/doctest.h>

using portknocko::check::quote_word;
using portknocko::check::split_words;
using Words = std::vector<std::string>;

TEST_CASE("words are split at blanks") {
    CHECK(split_words("") == Words{});
    CHECK(split_words(" \t\r\n") == Words{});
    CHECK(split_words("-A INPUT\t -j  ACCEPT ") == Words{"-A", "INPUT", "-j", "ACCEPT"});
}

TEST_CASE("quotes keep blanks, backslashes keep quotes") {
    CHECK(split_words(R"(--comment "two words" -j)") == Words{"--comment", "two words", "-j"});
    CHECK(split_words(R"("a\"b\\c\d")") == Words{R"(a"b\cd)"});
    CHECK(split_words(R"(a\b)") == Words{R"(a\b)"});
    CHECK(split_words(R"(a"b c"d)") == Words{"ab cd"});
    CHECK(split_words(R"(--name "")") == Words{"--name", ""});
}

TEST_CASE("a quote that is not closed is none") {
    CHECK_FALSE(split_words("\""));
    CHECK_FALSE(split_words("a \"b c"));
    CHECK_FALSE(split_words("\"a\\"));
    CHECK_FALSE(split_words("\"a\\\""));
}

TEST_CASE("what is quoted is read back") {
    for (const std::string word :
         {"", "plain", "tcp/2002,udp/2001", "two words", R"(a"b\c)", "#1", "\xff\x01", "'"}) {
        CAPTURE(word);
        CHECK(split_words(quote_word(word)) == Words{word});
    }
    CHECK(quote_word("tcp/2002,udp/2001") == "tcp/2002,udp/2001");
}
