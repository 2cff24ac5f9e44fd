// SPDX-License-Identifier: GPL-2.0-or-later
// pknockctl setup ssh: a door before the SSH server, without the risk to be locked out.
#pragma once

#include "request.hpp"

namespace portknocko::setup {

// Asks, tells and does; the result is on standard output. An error if the rules are not in the
// end what was asked for: refused, or rolled back while this waited.
Status setup_ssh(const Options& options);

} // namespace portknocko::setup
