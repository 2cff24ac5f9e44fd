// SPDX-License-Identifier: GPL-2.0-only
/* Asks for nothing: what does not compile this compiles no module. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
