/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PKNOCK_UNIT_LINUX_TIME64_H
#define PKNOCK_UNIT_LINUX_TIME64_H

#define NSEC_PER_SEC 1000000000LL

#endif
