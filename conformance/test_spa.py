# SPDX-License-Identifier: GPL-2.0-or-later
"""SPA v1: which datagrams are tokens, and whom they open the door for."""

import ipaddress
import json

import pytest

from harness.client import Client
from harness.firewall import BACKENDS, Firewall
from harness.guest import Guest, Peer
from harness.net import Family
from harness.sources import REPOSITORY
from harness.spa_door import (CLOSE, MINUTE, NAME, OPEN, PORT, check_rule, close_door, door,
                              knock_rule, open_door, passes, rule_set, set_minute, token)

VECTORS = json.loads((REPOSITORY / "conformance/vectors/spa-v1.json").read_text())
# Linux keeps its clock between its own boot (after 1970) and the year 2232.
CLOCK_MINUTES = range(100, 137_000_000)
SKEWS = {2000: ("", 1), 2001: ("--skew 0", 0), 2002: ("--skew 1", 1), 2003: ("--skew 5", 5)}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def backend() -> str:
    """Packets do not differ between backends."""
    return "nft"


@pytest.mark.spec("S1", "M1", "M7")
@pytest.mark.parametrize("backend", BACKENDS)
def test_rules_of_the_seed_open_and_close(client: Client, firewall: Firewall,
                                          guest: Guest) -> None:
    firewall.drop_by_default()
    firewall.append("INPUT -p udp -m state --state NEW -m pknock --knockports 2000 --name SSH"
                    f" --opensecret {OPEN} --closesecret {CLOSE} -j DROP")
    firewall.append("INPUT -p tcp -m state --state NEW -m pknock --checkip --name SSH"
                    " -m tcp --dport 22 -j ACCEPT")
    other = guest.client(client.family)
    assert not passes(client)
    open_door(client)
    assert passes(client)
    assert not passes(other)
    assert guest.door("SSH") == [Peer(client.address, "UDP", "ALLOWED", 1, None, None)]
    close_door(client)
    assert not passes(client)
    assert guest.door("SSH") == []


def malformed(good: bytes) -> list[bytes]:
    """What a careless reader could take for a token."""
    digits, last = good[:64], good[64:]
    wrong_length = [good[:length] for length in (0, 1, 63, 64)]
    too_long = [good + b"\n", good + bytes(1335)]
    wrong_case = [digits.upper() + last, digits.replace(b"a", b"A", 1) + last]
    # The neighbours of the digits in ASCII, some with the value that careless arithmetic gives.
    wrong_digit = [digits.replace(b"a", b":") + last, digits.replace(b"0", b"`") + last,
                   *(digits[:at] + character + digits[at + 1:] + last
                     for at in (0, 31, 63) for character in (b"g", b"/", b" ", b"\0", b"\xff"))]
    shifted = [last + digits, b" " + digits, b"0x" + digits[:63]]
    return [bad for bad in wrong_length + too_long + wrong_case + wrong_digit + shifted
            if bad != good]


@pytest.mark.spec("S1", "M11")
def test_malformed_datagrams_do_nothing(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door())
    good = token(client)
    for bad in malformed(good):
        client.datagram(PORT, bad)
        assert not passes(client), bad
    assert guest.door(NAME) == []
    client.datagram(PORT, good)
    assert passes(client)


@pytest.mark.spec("S1")
def test_last_byte_may_be_any(firewall: Firewall, guest: Guest, family: Family) -> None:
    firewall.restore(door())
    for last in (b"\0", b"\n", b"a", b"\x7f", b"\xff"):
        client = guest.client(family)
        client.datagram(PORT, token(client)[:64] + last)
        assert passes(client), last


@pytest.mark.spec("A1")
def test_every_digit_counts(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door())
    good = token(client)
    for at in range(64):
        digit = f"{int(good[at:at + 1], 16) ^ 1:x}".encode()
        client.wire.send(client.udp(PORT, good[:at] + digit + good[at + 1:]))
    assert not passes(client)
    assert guest.door(NAME) == []
    client.datagram(PORT, good)
    assert passes(client)


@pytest.mark.spec("A1")
def test_module_takes_the_kernels_constant_time_comparison(guest: Guest) -> None:
    module = guest.run("modinfo -n xt_pknock").stdout.strip()
    unpack = "busybox xzcat" if module.endswith(".xz") else "cat"
    guest.run(f"{unpack} {module} | grep -a -q __crypto_memneq")


@pytest.mark.spec("S1")
def test_token_of_another_source_is_neither_accepted_nor_spent(client: Client, firewall: Firewall,
                                                               guest: Guest) -> None:
    firewall.restore(door())
    thief = guest.client(client.family)
    thief.datagram(PORT, token(client))
    assert not passes(thief)
    assert not passes(client)
    open_door(client)
    assert passes(client)
    assert not passes(thief)


@pytest.mark.spec("S1")
def test_token_of_another_secret_is_refused(client: Client, firewall: Firewall,
                                            guest: Guest) -> None:
    firewall.restore(door())
    for secret in ("", OPEN[:-1], OPEN + "x", OPEN.upper(), CLOSE, "\0"):
        client.datagram(PORT, token(client, secret=secret))
        assert not passes(client), secret
    assert guest.door(NAME) == []


@pytest.mark.spec("S1")
def test_minute_is_little_endian(client: Client, firewall: Firewall) -> None:
    firewall.restore(door())
    swapped = int.from_bytes(MINUTE.to_bytes(4, "little"), "big")
    client.datagram(PORT, token(client, swapped))
    assert not passes(client)
    open_door(client)
    assert passes(client)


@pytest.mark.spec("S1")
def test_token_counts_by_udp_and_at_the_knock_port_only(client: Client, firewall: Firewall,
                                                        guest: Guest) -> None:
    firewall.restore(rule_set(check_rule(), knock_rule(port="udp/2000").removeprefix("-p udp ")))
    for packet in (client.tcp(PORT, payload=token(client)),
                   client.tcp(PORT, flags="PA", payload=token(client)),
                   client.udp(PORT + 1, token(client)),
                   client.udp(PORT - 1, token(client), sport=PORT)):
        client.wire.send(packet)
        assert not passes(client), packet
    assert guest.door(NAME) == []
    open_door(client)
    assert passes(client)


@pytest.mark.spec("S1")
def test_skew_counts_on_both_sides(firewall: Firewall, guest: Guest, family: Family) -> None:
    firewall.restore(rule_set(*(knock_rule(options, name=f"SKEW{port}", port=port)
                                for port, (options, _) in SKEWS.items())))
    for port, (_, skew) in SKEWS.items():
        clients = {off: guest.client(family) for off in range(-skew - 2, skew + 3)}
        for off, client in clients.items():
            open_door(client, MINUTE + off, port)
        accepted = {peer.src for peer in guest.door(f"SKEW{port}")}
        assert accepted == {client.address for off, client in clients.items() if abs(off) <= skew}


@pytest.mark.spec("S1")
def test_minute_begins_and_ends_with_the_wall_clocks(firewall: Firewall, guest: Guest,
                                                     family: Family) -> None:
    firewall.restore(door("--skew 0"))
    for minute, second, accepted in ((MINUTE - 1, 50, False), (MINUTE, 0, True),
                                     (MINUTE, 50, True), (MINUTE + 1, 0, False)):
        set_minute(guest, minute, second)
        client = guest.client(family)
        open_door(client)
        assert passes(client) is accepted, (minute, second)


def can_be_sent(vector: dict, family: Family) -> bool:
    """iptables takes no control characters, the clock not every minute, no wire a loopback."""
    address = ipaddress.ip_address(vector["address"])
    return (address.version == (4 if family.bits == 32 else 6) and not address.is_loopback
            and vector["minute"] in CLOCK_MINUTES
            and all(byte >= 0x20 for byte in bytes.fromhex(vector["secret"])))


@pytest.mark.spec("S1")
def test_vectors_open_doors(firewall: Firewall, guest: Guest, family: Family) -> None:
    """Addresses, minutes and secrets of 1 to 127 bytes; before routing, which drops some."""
    vectors = {3000 + number: vector for number, vector in enumerate(VECTORS)
               if can_be_sent(vector, family)}
    rules = (knock_rule(name=f"V{port}", port=port, close_secret="not the vector's", target="",
                        open_secret=bytes.fromhex(vector["secret"]).decode())
             for port, vector in vectors.items())
    firewall.restore(rule_set(*rules, table="raw", chain="PREROUTING", policy="ACCEPT"))
    for minute in sorted({vector["minute"] for vector in vectors.values()}):
        set_minute(guest, minute)
        for port, vector in vectors.items():
            if vector["minute"] == minute:
                client = Client(guest.wire, family, vector["address"])
                client.datagram(port, vector["digest"].encode() + b"\0")
    listing = guest.run("cd /proc/net/xt_pknock && grep -H . *").stdout.split()
    assert ({word for word in listing if "src=" in word}
            == {f"V{port}:src={vector['address']}" for port, vector in vectors.items()})
