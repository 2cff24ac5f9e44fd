/* SPDX-License-Identifier: GPL-2.0-only */
/* The message of old: for listeners that know xtables-addons' pknock. */
#ifndef PKNOCK_CONNECTOR_H
#define PKNOCK_CONNECTOR_H

#include <linux/kconfig.h>

struct pknock_door;
struct pknock_source;

#if IS_ENABLED(CONFIG_CONNECTOR)
void pknock_connector_tell(const struct pknock_door *door,
			   const struct pknock_source *source);
#else
static inline void pknock_connector_tell(const struct pknock_door *door,
					 const struct pknock_source *source)
{
}
#endif

#endif
