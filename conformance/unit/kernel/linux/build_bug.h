/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_BUILD_BUG_H
#define PKNOCK_UNIT_LINUX_BUILD_BUG_H

/* The kernel's own takes no message either. */
#undef static_assert
#define static_assert(condition) _Static_assert(condition, #condition)

#endif
