// SPDX-License-Identifier: GPL-2.0-or-later
// What there is to see, and the forms that it is shown in.
#pragma once

#include "netlink.hpp"

#include <optional>
#include <string>
#include <vector>

namespace portknocko::ctl {

struct DoorView {
    Door door;
    std::vector<Peer> peers; // those that may pass first
};

// All doors with their peers, or the one of that name. There is ExitCode::not_found if it is not.
Result<std::vector<DoorView>> look(Client& client, const std::optional<std::string>& name = {});

// Drops those who are on the way.
void keep_open(std::vector<Peer>& peers);

// "there is no door "X"; there are SSH, WEB"
Error unknown_door(Client& client, const std::string& name);

// A line for the door, and an indented one for each peer.
std::string to_text(const DoorView& view);
std::string to_text(const Counters& counters); // indented, a line each
std::string to_text(const Event& event);       // one line, without its end

} // namespace portknocko::ctl
