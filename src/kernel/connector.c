// SPDX-License-Identifier: GPL-2.0-only
#include <linux/build_bug.h>
#include <linux/connector.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include "connector.h"
#include "door.h"

static int nl_multicast_group = -1;
module_param(nl_multicast_group, int, 0444);
MODULE_PARM_DESC(
	nl_multicast_group,
	"Group of the connector that is told of IPv4 openings, -1 = none");

/* What deployed listeners expect. */
struct legacy_message {
	char rule_name[XT_PKNOCK_NAME_SIZE];
	__be32 peer_ip;
};

static_assert(sizeof(struct legacy_message) == 36);

/**
 * pknock_connector_tell - tell the connector's group that a door opened
 * @door:	of the first network namespace; the connector has no others
 * @source:	IPv4; the message has no room for IPv6
 *
 * Context: any.
 */
void pknock_connector_tell(const struct pknock_door *door,
			   const struct pknock_source *source)
{
	struct legacy_message *message;
	struct cn_msg *envelope;

	if (nl_multicast_group < 1 || source->family != NFPROTO_IPV4 ||
	    pknock_door_listeners(door) != &init_net)
		return;
	envelope = kzalloc(sizeof(*envelope) + sizeof(*message),
			   GFP_ATOMIC | __GFP_NOWARN);
	if (!envelope)
		return;
	envelope->len = sizeof(*message);
	message = (struct legacy_message *)envelope->data;
	strscpy(message->rule_name, door->name, sizeof(message->rule_name));
	message->peer_ip = source->address[0];
	cn_netlink_send(envelope, 0, nl_multicast_group,
			GFP_ATOMIC | __GFP_NOWARN);
	kfree(envelope);
}
