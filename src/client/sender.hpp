// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plan.hpp"
#include "result.hpp"

#include <functional>

namespace portknocko {

// Sends the plan's knocks in order, all from plan.local, and waits plan.delay between them.
// `on_sent` is called after each. Nobody answers a knock: success means that the kernel took them.
Status send_knocks(const Plan& plan, const std::function<void(const Knock&)>& on_sent);

} // namespace portknocko
