// SPDX-License-Identifier: GPL-2.0-or-later
#include "instructions.hpp"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace portknocko::setup;

TEST_CASE("what the client types") {
    const Plan sequence{"SSH", 22, Sequence{{2002, 2001}}, std::chrono::seconds(30)};
    CHECK(open_command(sequence, {"gate", {}}) == "pknock seq gate 2002 2001 && ssh gate");
    CHECK(copy_command(sequence, {"gate", {}}).empty());

    const Plan spa{"SSH", 2222, Spa{2000}, std::chrono::seconds(30)};
    CHECK(open_command(spa, {"gate", "203.0.113.7"}) ==
          "pknock open gate --port 2000 --secret-file ~/.config/pknock/SSH.open "
          "--source 203.0.113.7 && ssh -p 2222 gate");
    CHECK(copy_command(spa, {"2001:db8::2", {}}) ==
          "mkdir -p ~/.config/pknock && scp -p -P 2222 "
          "\"root@[2001:db8::2]:/etc/portknocko/secrets/SSH.*\" ~/.config/pknock/");
}

TEST_CASE("the host is the address that the client came to") {
    REQUIRE(setenv("SSH_CONNECTION", "198.51.100.7 50000 192.0.2.2 22", 1) == 0);
    CHECK(host_for_client() == "192.0.2.2");
    REQUIRE(setenv("SSH_CONNECTION", "198.51.100.7", 1) == 0);
    CHECK(host_for_client() != "198.51.100.7");
    REQUIRE(unsetenv("SSH_CONNECTION") == 0);
    CHECK_FALSE(host_for_client().empty());
}
