// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

namespace portknocko {

// Loads xt_pknock, as the first rule with -m pknock would. It needs CAP_SYS_MODULE.
Status load_kernel_module();

} // namespace portknocko
