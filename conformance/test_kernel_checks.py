# SPDX-License-Identifier: GPL-2.0-or-later
"""What iptables would refuse reaches the kernel by another way, and is refused again.

The rules are written byte by byte, as nfnetlink messages. What the kernel refuses, one case after
the other, is tested with check.c itself in conformance/unit; here, that it asks.
"""

import dataclasses
import errno
import struct

import pytest

from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT
from harness.net import Family

pytestmark = [pytest.mark.spec("M10"), NFT]

# linux/netlink.h, linux/netfilter/nfnetlink.h, nf_tables.h, nf_tables_compat.h
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLM_F_APPEND = 1, 4, 0x400, 0x800
NLMSG_ERROR = 2
NFNL_BATCH_BEGIN, NFNL_BATCH_END = 16, 17
NFNL_SUBSYS_NFTABLES = 10
NFT_NEWRULE = NFNL_SUBSYS_NFTABLES << 8 | 6
NESTED = 0x8000
NFT_RULE_COMPAT_F_INV = 2
NFPROTO = {"v4": 2, "v6": 10}

TCP, UDP = 6, 17
# uapi/xt_pknock.h
LAYOUT = "=32s4I4B60s128s128sQ"
F_NAME, F_KNOCKPORTS, F_MASK = 1 << 0, 1 << 1, 1 << 10
GOOD = {"name": b"SSH", "flags": F_NAME | F_KNOCKPORTS, "time": 0, "ttl": 0, "max_peers": 0,
        "mask": 0, "skew": 0, "port_count": 1, "reserved": 0,
        "ports": struct.pack("=HBB", 2002, 6, 0), "opensecret": b"", "closesecret": b"", "rule": 0}
BAD = {
    "flag of a later version": {"flags": GOOD["flags"] | 1 << 31},
    "reserved field": {"reserved": 1},
    "name without end": {"name": b"a" * 32},
    "name that leaves the directory": {"name": b"../../x"},
    "name for printf": {"name": b"%s%n"},
    "more ports than there is room for": {"port_count": 16},
    "port 0": {"ports": struct.pack("=HBB", 0, 6, 0)},
    "field without its option": {"ttl": 1},
    "secret without end": {"opensecret": b"s" * 128},
    "nothing": {key: type(value)() for key, value in GOOD.items()},
}


def rule(**fields) -> bytes:
    """A struct xt_pknock_mtinfo2."""
    return struct.pack(LAYOUT, *{**GOOD, **fields}.values())


def attribute(kind: int, value: bytes | str | int) -> bytes:
    """A netlink attribute: bytes, a string or a be32."""
    if isinstance(value, str):
        value = value.encode() + b"\0"
    elif isinstance(value, int):
        value = struct.pack("!I", value)
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


def nested(kind: int, *attributes: bytes) -> bytes:
    """An attribute of attributes."""
    return attribute(kind | NESTED, b"".join(attributes))


def message(kind: int, flags: int, family: int, resource: int, body: bytes = b"") -> bytes:
    """A message of nfnetlink."""
    return struct.pack("=IHHIIBBH", 20 + len(body), kind, flags | NLM_F_REQUEST, 1, 0, family, 0,
                       int.from_bytes(resource.to_bytes(2, "big"), "little")) + body


@dataclasses.dataclass(frozen=True)
class Protocol:
    """-p of a rule, or ! -p."""

    number: int = 0
    inverted: bool = False


def new_rule(family: int, info: bytes, protocol: Protocol) -> bytes:
    """The batch by which iptables-nft would append a rule to INPUT."""
    match = nested(2, attribute(1, "pknock"), attribute(2, 2), attribute(3, info))
    expression = nested(1, attribute(1, "match"), match)
    body = (attribute(1, "filter") + attribute(2, "INPUT") + nested(4, expression)
            + nested(5, attribute(1, protocol.number),
                     attribute(2, NFT_RULE_COMPAT_F_INV if protocol.inverted else 0)))
    return (message(NFNL_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES)
            + message(NFT_NEWRULE, NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND, family, 0, body)
            + message(NFNL_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES))


def submit(guest: Guest, family: Family, *rules: bytes,
           protocol: Protocol = Protocol()) -> list[int]:
    """Add rules in one transaction each, in any order; the errno that each is answered with."""
    kernel = f"x{'00' * 10}"
    jobs = [guest.agent.start(
        f"socat -b 65536 -t 0.5 - SOCKET-SENDTO:16:3:12:{kernel} | od -An -v -tx1",
        stdin=new_rule(NFPROTO[family.name], info, protocol)) for info in rules]
    return [error_in(bytes.fromhex(job.wait().stdout)) for job in jobs]


def error_in(answer: bytes) -> int:
    """The errno in a netlink acknowledgement."""
    _, kind, _, _, _, error = struct.unpack_from("=IHHIIi", answer)
    assert kind == NLMSG_ERROR
    return -error


def test_kernel_refuses_what_iptables_would(firewall: Firewall, guest: Guest,
                                            family: Family) -> None:
    firewall.policy("INPUT", "ACCEPT")
    answers = submit(guest, family, *(rule(**fields) for fields in BAD.values()))
    assert dict(zip(BAD, answers)) == dict.fromkeys(BAD, errno.EINVAL)
    assert (firewall.rules(), guest.doors(), guest.users()) == ([], set(), 0)

    assert submit(guest, family, rule()) == [0]
    assert firewall.rules() == ["INPUT -m pknock --knockports tcp/2002 --name SSH"]
    assert guest.doors() == {"SSH"}


def test_kernel_knows_how_long_an_address_is(firewall: Firewall, guest: Guest,
                                             family: Family) -> None:
    firewall.policy("INPUT", "ACCEPT")
    mask = GOOD["flags"] | F_MASK
    assert submit(guest, family, rule(flags=mask, mask=family.bits),
                  rule(flags=mask, mask=family.bits + 1)) == [0, errno.EINVAL]
    assert len(firewall.rules()) == 1


@pytest.mark.parametrize(("protocol", "error"), [
    (Protocol(TCP), 0), (Protocol(TCP, inverted=True), errno.EINVAL), (Protocol(), errno.EINVAL)])
def test_kernel_takes_the_protocol_of_the_rule(firewall: Firewall, guest: Guest, family: Family,
                                               protocol: Protocol, error: int) -> None:
    """For a port that has none of its own."""
    firewall.policy("INPUT", "ACCEPT")
    port = rule(ports=struct.pack("=HBB", 2002, 0, 0))
    assert submit(guest, family, port, protocol=protocol) == [error]
    own = rule(ports=struct.pack("=HBB", 2002, UDP, 0))
    assert submit(guest, family, own, protocol=Protocol(TCP, inverted=True)) == [0]
