// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.hpp"

#include "check.hpp"

#include <doctest/doctest.h>

using namespace portknocko;
using namespace portknocko::setup;

namespace {

Plan sequence_plan() {
    return {"SSH", 22, Sequence{{2002, 2001, 2004, 2003}}, std::chrono::seconds(30)};
}

Plan spa_plan() {
    return {"SSH", 22, Spa{2000}, std::chrono::seconds(30)};
}

SecretTexts secrets() {
    return {"open open open \"open\"", "close close close"};
}

std::string table(const std::string& lines) {
    return "*filter\n:INPUT ACCEPT [0:0]\n" + lines + "COMMIT\n";
}

// What iptables-save would print when the text was restored into an empty table.
check::Ruleset loaded(const Plan& plan) {
    std::string text = rules_text(plan, secrets(), table(""));
    const std::string inserted = "-I INPUT 1 ";
    text.replace(text.find(inserted), inserted.size(), "-A INPUT ");
    auto ruleset = check::parse_ruleset(text, check::Family::ipv4, "setup");
    REQUIRE(ruleset);
    return *std::move(ruleset);
}

} // namespace

TEST_CASE("the rules stand our own check") {
    for (const Plan& plan : {sequence_plan(), spa_plan()}) {
        const check::Report report = check::check_rulesets({loaded(plan)}, {});
        CHECK(check::to_text(report).find("nothing found") != std::string::npos);
    }
}

TEST_CASE("secrets are quoted") {
    CHECK(
        rules_text(spa_plan(), secrets(), "")
            .find(R"(--opensecret "open open open \"open\"" --closesecret "close close close")") !=
        std::string::npos);
}

TEST_CASE("the jump is made once") {
    CHECK(rules_text(spa_plan(), secrets(), "").find("-I INPUT 1 -j pknock-SSH\n") !=
          std::string::npos);
    // Old iptables end lines with a blank.
    for (const std::string jump : {"-A INPUT -j pknock-SSH\n", "-A INPUT -j pknock-SSH \n"})
        CHECK(rules_text(spa_plan(), secrets(), table(jump)).find("-I INPUT") == std::string::npos);
    CHECK(rules_text(spa_plan(), secrets(), table("-A INPUT -j pknock-SSH2\n")).find("-I INPUT") !=
          std::string::npos);
}

TEST_CASE("what was not there before goes") {
    const std::string present = table(":pknock-SSH - [0:0]\n-A INPUT -j pknock-SSH\n"
                                      "-A pknock-SSH -j DROP\n");
    CHECK(undo_text("pknock-SSH", table(""), present) ==
          "*filter\n-D INPUT -j pknock-SSH\n-F pknock-SSH\n-X pknock-SSH\nCOMMIT\n");
    CHECK(undo_text("pknock-SSH", table(""), table("")).empty());
}

TEST_CASE("what was there before comes back") {
    const std::string before = table(":pknock-SSH - [0:0]\n-A INPUT -j pknock-SSH\n"
                                     "-A pknock-SSH -p tcp -j DROP\n");
    const std::string changed = table(":pknock-SSH - [0:0]\n-A INPUT -j pknock-SSH\n"
                                      "-A pknock-SSH -j DROP\n");
    CHECK(undo_text("pknock-SSH", before, changed) ==
          "*filter\n:pknock-SSH - [0:0]\n-A pknock-SSH -p tcp -j DROP\nCOMMIT\n");
    CHECK(undo_text("pknock-SSH", before, before).empty());
    CHECK(undo_text("pknock-SSH", before, table("")) ==
          "*filter\n:pknock-SSH - [0:0]\n-A pknock-SSH -p tcp -j DROP\n"
          "-I INPUT 1 -j pknock-SSH\nCOMMIT\n");
}
