/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* Do not edit directly, auto-generated from: */
/*	spec/pknock.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_PKNOCK_H
#define _UAPI_LINUX_PKNOCK_H

#define PKNOCK_FAMILY_NAME	"pknock"
#define PKNOCK_FAMILY_VERSION	1

/**
 * enum pknock_state - How far a peer has come.
 * @PKNOCK_STATE_OPEN: The door is open for it.
 * @PKNOCK_STATE_HALF_OPEN: It has made some knocks of a sequence.
 */
enum pknock_state {
	PKNOCK_STATE_OPEN,
	PKNOCK_STATE_HALF_OPEN,
};

/**
 * enum pknock_origin - What opened a door.
 * @PKNOCK_ORIGIN_SEQUENCE: A sequence of knocks.
 * @PKNOCK_ORIGIN_SPA_V1: A datagram with a token of SPA version 1.
 * @PKNOCK_ORIGIN_ADMIN: The command peer-add.
 */
enum pknock_origin {
	PKNOCK_ORIGIN_SEQUENCE,
	PKNOCK_ORIGIN_SPA_V1,
	PKNOCK_ORIGIN_ADMIN,
};

/**
 * enum pknock_reason - Why a datagram for a knock port did not open its door.
 *   All but "full" tell of forgery or accident.
 * @PKNOCK_REASON_BAD_MAC: The secret that counts here does not make this
 *   digest, in no minute that the rule takes.
 * @PKNOCK_REASON_REPLAY: True, but used before, or it may have been.
 * @PKNOCK_REASON_FULL: True, but there is no room to remember it or to open
 *   the door.
 */
enum pknock_reason {
	PKNOCK_REASON_BAD_MAC,
	PKNOCK_REASON_REPLAY,
	PKNOCK_REASON_FULL,
};

enum {
	PKNOCK_A_DOOR_NAME = 1,
	PKNOCK_A_DOOR_RULES,
	PKNOCK_A_DOOR_OPEN,
	PKNOCK_A_DOOR_HALF_OPEN,
	PKNOCK_A_DOOR_TOKENS,
	PKNOCK_A_DOOR_COUNTERS,

	__PKNOCK_A_DOOR_MAX,
	PKNOCK_A_DOOR_MAX = (__PKNOCK_A_DOOR_MAX - 1)
};

enum {
	PKNOCK_A_COUNTERS_PAD = 1,
	PKNOCK_A_COUNTERS_OPENED,
	PKNOCK_A_COUNTERS_RENEWED,
	PKNOCK_A_COUNTERS_CLOSED,
	PKNOCK_A_COUNTERS_EXPIRED,
	PKNOCK_A_COUNTERS_REVOKED,
	PKNOCK_A_COUNTERS_EVICTED,
	PKNOCK_A_COUNTERS_BAD_MAC,
	PKNOCK_A_COUNTERS_REPLAY,
	PKNOCK_A_COUNTERS_FULL,
	PKNOCK_A_COUNTERS_EVENTS_DROPPED,

	__PKNOCK_A_COUNTERS_MAX,
	PKNOCK_A_COUNTERS_MAX = (__PKNOCK_A_COUNTERS_MAX - 1)
};

enum {
	PKNOCK_A_PEER_PAD = 1,
	PKNOCK_A_PEER_DOOR,
	PKNOCK_A_PEER_IPV4,
	PKNOCK_A_PEER_IPV6,
	PKNOCK_A_PEER_PREFIX,
	PKNOCK_A_PEER_STATE,
	PKNOCK_A_PEER_ORIGIN,
	PKNOCK_A_PEER_PROTOCOL,
	PKNOCK_A_PEER_KNOCKS,
	PKNOCK_A_PEER_TTL,
	PKNOCK_A_PEER_TIME,
	PKNOCK_A_PEER_RENEWED,
	PKNOCK_A_PEER_REASON,
	PKNOCK_A_PEER_CREATE,
	PKNOCK_A_PEER_EXCLUSIVE,

	__PKNOCK_A_PEER_MAX,
	PKNOCK_A_PEER_MAX = (__PKNOCK_A_PEER_MAX - 1)
};

enum {
	PKNOCK_CMD_DOOR_GET = 1,
	PKNOCK_CMD_PEER_GET,
	PKNOCK_CMD_PEER_ADD,
	PKNOCK_CMD_PEER_DEL,
	PKNOCK_CMD_PEER_FLUSH,
	PKNOCK_CMD_OPENED_NTF,
	PKNOCK_CMD_CLOSED_NTF,
	PKNOCK_CMD_EXPIRED_NTF,
	PKNOCK_CMD_REVOKED_NTF,
	PKNOCK_CMD_EVICTED_NTF,
	PKNOCK_CMD_REFUSED_NTF,

	__PKNOCK_CMD_MAX,
	PKNOCK_CMD_MAX = (__PKNOCK_CMD_MAX - 1)
};

#define PKNOCK_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_PKNOCK_H */
