// SPDX-License-Identifier: GPL-2.0-or-later
// Files of saved doors: what is taken is written as it was read, and nothing is taken that no door
// could be opened for.
#include "fuzz.hpp"

#include <saved_doors.hpp>

using namespace portknocko;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto doors = read_saved(fuzz::Input(data, size).rest());
    if (!doors) {
        REQUIRE(doors.error().code == ExitCode::file && !doors.error().message.empty());
        return 0;
    }
    for (const SavedPeer& peer : doors->peers) {
        REQUIRE(is_door_name(peer.door));
        REQUIRE(peer.source.prefix() > 0);
        REQUIRE(!peer.source.address().is_scoped());
    }
    const auto again = read_saved(write_saved(*doors));
    REQUIRE(again && *again == *doors);
    return 0;
}
