// SPDX-License-Identifier: GPL-2.0-only
/* Says in the module what had to be adapted: modinfo -F compat xt_pknock */
#include <linux/module.h>
#include "probes.h"

MODULE_INFO(compat, PKNOCK_ADAPTED);
