# SPDX-License-Identifier: GPL-2.0-or-later
"""As much of netlink as listing and emptying tables takes."""

import socket
import struct
from collections.abc import Iterator

BUFFER = 1 << 16
NETLINK_NETFILTER, NETLINK_GENERIC = 12, 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
HEADER = struct.Struct("=IHHII")
DONE_SIZE = HEADER.size + 4
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
PKNOCK_CMD_PEER_GET, PKNOCK_CMD_PEER_FLUSH, PKNOCK_A_PEER_DOOR = 2, 5, 2
IPSET_CMD_LIST = 6 << 8 | 7
IPSET_ATTR_PROTOCOL, IPSET_ATTR_SETNAME, IPSET_PROTOCOL = 1, 2, 6


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


def _answer(protocol: int, kind: int, flags: int, body: bytes) -> Iterator[bytes]:
    """What comes back, as it comes: taking each message apart would cost more than the kernel."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as handle:
        handle.send(HEADER.pack(HEADER.size + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
        while True:
            data = handle.recv(BUFFER)
            if HEADER.unpack_from(data)[1] == NLMSG_ERROR:
                [error] = struct.unpack_from("=i", data, HEADER.size)
                if error:
                    raise OSError(-error, "netlink")
                return
            yield data
            if flags != NLM_F_DUMP:
                return
            if len(data) >= DONE_SIZE and HEADER.unpack_from(
                    data, len(data) - DONE_SIZE)[:2] == (DONE_SIZE, NLMSG_DONE):
                return


def _family() -> int:
    body = struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + _attribute(CTRL_ATTR_FAMILY_NAME,
                                                                      b"pknock\0")
    [answer] = _answer(NETLINK_GENERIC, GENL_ID_CTRL, 0, body)
    data = answer[HEADER.size + 4:]
    while data:
        length, kind = struct.unpack_from("=HH", data)
        if kind == CTRL_ATTR_FAMILY_ID:
            return struct.unpack_from("=H", data, 4)[0]
        data = data[(length + 3) & ~3:]
    raise RuntimeError("netlink: no family pknock")


def _of_door(command: int, door: str) -> bytes:
    return struct.pack("=BBH", command, 1, 0) + _attribute(PKNOCK_A_PEER_DOOR,
                                                           door.encode() + b"\0")


def list_ours(door: str) -> int:
    """List a door's peers; how many bytes that took."""
    body = _of_door(PKNOCK_CMD_PEER_GET, door)
    return sum(map(len, _answer(NETLINK_GENERIC, _family(), NLM_F_DUMP, body)))


def flush_ours(door: str) -> None:
    """Close a door for all, and forget who is on the way."""
    body = _of_door(PKNOCK_CMD_PEER_FLUSH, door)
    list(_answer(NETLINK_GENERIC, _family(), NLM_F_ACK, body))


def list_set(name: str) -> int:
    """List an ipset; how many bytes that took."""
    body = (struct.pack("=BBH", 0, 0, 0) + _attribute(IPSET_ATTR_PROTOCOL, bytes([IPSET_PROTOCOL]))
            + _attribute(IPSET_ATTR_SETNAME, name.encode() + b"\0"))
    return sum(map(len, _answer(NETLINK_NETFILTER, IPSET_CMD_LIST, NLM_F_DUMP, body)))
