// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "source.hpp"

#include <cstddef>
#include <vector>

namespace portknocko::ctl {

// Makes the kernel forget the connections that these sources began: what still comes of them is
// new to the firewall, which lets it in no longer. How many there were.
Result<std::size_t> kill_flows(const std::vector<Source>& sources);

} // namespace portknocko::ctl
