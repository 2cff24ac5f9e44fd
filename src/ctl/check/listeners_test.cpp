// SPDX-License-Identifier: GPL-2.0-or-later
#include "listeners.hpp"

#include <doctest/doctest.h>

using portknocko::check::Listener;
using portknocko::check::parse_listeners;
using Listeners = std::vector<Listener>;

TEST_CASE("sockets that listen to strangers") {
    CHECK(parse_listeners(
              "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
              "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
              "   1: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
              "   2: 0200000A:0016 0300000A:D431 01 00000000:00000000 02:000AF13C 00000000\n"
              "   3: 0200000A:07D2 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n",
              "tcp") == Listeners{{"tcp", 22}, {"tcp", 2002}});
}

TEST_CASE("IPv6, and IPv4 in it") {
    CHECK(parse_listeners("0: 00000000000000000000000000000000:0016 0:0 0A\n"
                          "1: 00000000000000000000000001000000:0019 0:0 0A\n"
                          "2: 0000000000000000FFFF00000100007F:0019 0:0 0A\n"
                          "3: 0000000000000000FFFF00000200000A:0050 0:0 0A\n",
                          "tcp") == Listeners{{"tcp", 22}, {"tcp", 80}});
}

TEST_CASE("UDP that is not connected") {
    CHECK(parse_listeners("0: 00000000:07D0 00000000:0000 07\n1: 00000000:0035 08080808:0035 01\n",
                          "udp") == Listeners{{"udp", 2000}});
}

TEST_CASE("what is not understood is passed over") {
    CHECK(parse_listeners("", "tcp").empty());
    CHECK(parse_listeners("\n0:\n0: : : 0A\n0: 00000000 0:0 0A\n0: 00000000:1FFFF 0:0 0A\n"
                          "0: 00000000:16x 0:0 0A\n",
                          "tcp")
              .empty());
}
