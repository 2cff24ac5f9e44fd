# SPDX-License-Identifier: GPL-2.0-or-later
"""The family pknock, spoken to byte by byte: what it refuses, and what it withstands."""

import errno

import pytest

from harness import pknockctl, spoof
from harness.client import Answer, Client
from harness.comeback import EVENTS, LINGER
from harness.firewall import Firewall
from harness.genetlink import NLM_F_DUMP, Family, Refusal, body, pack
from harness.guest import Guest
from harness.held import LATER, LEFT, TAKEN
from harness.marks import NFT, V4_ONLY
from harness.newborn import Newborn
from harness.poll import until
from harness.slab import HALF_OPEN, objects

KNOCKS = "INPUT -p tcp -m pknock --name SSH --knockports 2002,2001"
OPENS = f"{KNOCKS} -m tcp --dport 22 -j ACCEPT"
ADDRESS = "192.0.2.7"
UNKNOWN, UNEXPECTED = 99, 12
FAR = 1 << 60
CN_MSG = 20  # bytes of struct cn_msg before its data

# By which of the two netlink's own checks refuse depends on the kernel.
POLICY = (errno.EINVAL, errno.ERANGE)

BAD = {
    "no door": (body("peer-add", ipv4=ADDRESS), errno.EINVAL, "the door's name is missing"),
    "nobody": (body("peer-add", door="SSH"), errno.EINVAL, "an address is missing"),
    "two": (body("peer-add", door="SSH", ipv4=ADDRESS, ipv6="2001:db8::7"), errno.EINVAL,
            "an IPv4 and an IPv6 address at once"),
    "unknown door": (body("peer-add", door="NO", ipv4=ADDRESS), errno.ENOENT,
                     "there is no such door"),
    "not a name": (body("peer-add", door="a/b", ipv4=ADDRESS, create=True), errno.EINVAL,
                   "no door can be called that"),
    "long name": (body("peer-add", door="x" * 32, ipv4=ADDRESS, create=True), POLICY, None),
    "long prefix": (body("peer-add", door="SSH", ipv4=ADDRESS, prefix=33), errno.EINVAL,
                    "the prefix is longer than the address"),
    "longer prefix": (body("peer-add", door="SSH", ipv4=ADDRESS, prefix=129), POLICY, None),
    "no time": (body("peer-add", door="SSH", ipv4=ADDRESS, ttl=0), POLICY, None),
    "long time": (body("peer-add", door="SSH", ipv4=ADDRESS, ttl=FAR), errno.ERANGE,
                  "longer than a rule's --ttl can be"),
    "short address": (body("peer-add", pack(4, b"\1\2\3\4"), door="SSH"), POLICY, None),
    "unknown": (body("peer-add", pack(UNKNOWN, b"1234"), door="SSH", ipv4=ADDRESS), POLICY,
                None),
    "unexpected": (body("peer-add", pack(UNEXPECTED, b""), door="SSH", ipv4=ADDRESS), POLICY,
                   None),
    "cut off": (body("peer-add", door="SSH", ipv4=ADDRESS) + b"\x40\0\2\0", POLICY, None),
    "not open": (body("peer-del", door="SSH", ipv4=ADDRESS), errno.ENOENT,
                 "the door is not open for it"),
    "flush of none": (body("peer-flush", door="NO"), errno.ENOENT, "there is no such door"),
}


def evictions(guest: Guest) -> int:
    """Of all who were on their way to the door."""
    return pknockctl.do(guest, "stats", "SSH")["doors"][0]["counters"]["evicted"]


def crowd(network: str, count: int) -> list[str]:
    """Addresses of a network, which is two bytes."""
    return [f"{network}.{number // 250}.{number % 250}" for number in range(count)]


@pytest.fixture
def door(firewall: Firewall) -> str:
    """A rule, and so the module and its family."""
    firewall.drop_by_default()
    firewall.append(OPENS)
    return "SSH"


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_wrong_requests_are_refused_and_change_nothing(guest: Guest, door: str) -> None:
    family = Family(guest)
    answers = dict(zip(BAD, family.ask_all(*(request for request, _, _ in BAD.values()))))
    for name, (_, code, message) in BAD.items():
        answer = answers[name]
        assert isinstance(answer, Refusal), name
        assert answer.errno in (code if code is POLICY else (code,)), (name, str(answer))
        assert message in (answer.message, None), name
    assert [(item["name"], item["open"]) for item in family.dump("door-get")] == [(door, 0)]
    assert family.dump("peer-get") == []
    both = family.dump("peer-get", ipv4=ADDRESS, ipv6="2001:db8::7")
    assert isinstance(both, Refusal) and both.errno == errno.EINVAL


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_full_door_is_opened_for_nobody_else(guest: Guest, door: str) -> None:
    guest.set_parameter("max_open", 1)
    family = Family(guest)
    request, another = (body("peer-add", door=door, ipv4=address)
                        for address in (ADDRESS, "192.0.2.8"))
    opened, refused, renewed = family.ask_all(request, another, request)
    assert opened == renewed == []
    assert isinstance(refused, Refusal)
    assert refused.errno == errno.ENOSPC
    assert refused.message == "the door is open for as many as it can be"
    assert [peer["ipv4"] for peer in family.dump("peer-get")] == [ADDRESS]


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_only_an_administrator_of_the_namespace_may_ask(guest: Guest, door: str) -> None:
    requests = [body("peer-add", door=door, ipv4=ADDRESS), body("peer-del", door=door),
                body("peer-flush")]
    dumps = [body("door-get"), body("peer-get")]
    strangers = [["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"],
                 # Root of a user namespace, but in the network namespace of another one.
                 ["unshare", "--user", "--map-root-user"]]
    for prefix in strangers:
        family = Family(guest, prefix)
        answers = family.ask_all(*requests) + family.ask_all(*dumps, flags=NLM_F_DUMP)
        assert {answer.errno for answer in answers if isinstance(answer, Refusal)} == {errno.EPERM}
        assert len([answer for answer in answers if isinstance(answer, Refusal)]) == 5

    # In one of its own that root has doors of its own.
    family = Family(guest, ["unshare", "--user", "--map-root-user", "--net"])
    [answer] = family.ask_all(body("peer-add", door="OWN", ipv4=ADDRESS, create=True))
    assert answer == []
    assert [item["name"] for item in Family(guest).dump("door-get")] == [door]


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_dump_has_whoever_stays_once_while_others_come_and_go(guest: Guest, door: str) -> None:
    family = Family(guest)
    stay = crowd("10.1", 3000)
    come = [f"10.2.0.{number}" for number in range(250)]
    assert set(map(str, family.ask_all(*(body("peer-add", door=door, ipv4=address)
                                         for address in stay)))) == {"[]"}
    # Some of them go before the dump comes to them, some after.
    churn = [body(operation, door=door, ipv4=address)
             for address in come for operation in ("peer-add", "peer-add", "peer-del")]
    churn += [body("peer-del", door=door, ipv4=address) for address in stay[::10]]
    found = [peer["ipv4"] for peer in family.churn("peer-get", churn, 40)]
    assert len(found) == len(set(found))
    kept = [address for number, address in enumerate(stay) if number % 10]
    assert set(kept) <= set(found)
    assert set(found) <= {*stay, *come}


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_flush_in_the_middle_of_a_dump_closes_for_all(guest: Guest, door: str) -> None:
    family = Family(guest)
    family.ask_all(*(body("peer-add", door=door, ipv4=address) for address in crowd("10.1", 3000)))
    assert family.beside(body("peer-get", door=door), body("peer-flush", door=door)) == []
    assert family.dump("peer-get", door=door) == []


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
@pytest.mark.parametrize("operation", ["peer-add", "peer-del"])
def test_flush_is_for_those_who_are_there_when_it_begins(guest: Guest, door: str,
                                                         operation: str) -> None:
    """Who comes meanwhile stays, and it ends though some whom it meant go before. A quick machine
    may do it at one go; one whose kernel looks for mistakes does not."""
    family = Family(guest)
    there = crowd("10.1", 3000)
    family.ask_all(*(body("peer-add", door=door, ipv4=address) for address in there))
    others = {"peer-add": crowd("10.2", 1000), "peer-del": there[:-1000:-1]}[operation]
    look = (NLM_F_DUMP, body("door-get", name=door))
    asked = family.asking([request for address in others for request in (
        look, (0, body(operation, door=door, ipv4=address)))])
    assert family.do("peer-flush") == []

    revoked = [item["counters"]["revoked"] for [item] in asked()[::2]]
    begun = sum(count == revoked[0] for count in revoked)
    stay = set(others[begun:]) if operation == "peer-add" else set()
    left = {peer["ipv4"] for peer in family.dump("peer-get")}
    assert stay <= left <= set(others)
    assert operation == "peer-add" or not left


@pytest.mark.spec("M9", "N1")
@pytest.mark.late
def test_door_that_goes_closes_for_all_and_is_not_listed(newborn: Newborn) -> None:
    """One of the name may be there again by now."""
    monitor = pknockctl.Monitor(newborn.guest, EVENTS)
    until(lambda: {(event["door"], event["address"]) for event in monitor.events()
                   if event["event"] == "revoked"} >= newborn.comeback.lost, timeout=2 * LINGER)
    listed = {door["name"] for door in newborn.family.dump("door-get")}
    assert listed == newborn.guest.doors()


@pytest.mark.spec("M9", "N1")
@pytest.mark.late
def test_open_file_keeps_a_door_but_nobody_in_it(newborn: Newborn) -> None:
    """When it is over; its name can be had at once, whatever the reader does."""
    held = newborn.held.seen()
    assert held.again == []
    assert held.peers == [LATER]
    assert sorted(held.files) == [LEFT, TAKEN]
    assert held.after == [TAKEN]


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_whoever_is_let_in_by_hand_is_one_source(guest: Guest, door: str) -> None:
    """Of either family, whatever the door's rules are for."""
    family = Family(guest)
    for address in ({"ipv4": ADDRESS}, {"ipv6": "2001:db8::7"}):
        assert family.do("peer-add", door=door, **address) == []
    assert [peer["prefix"] for peer in family.dump("peer-get", door=door)] == [32, 128]


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_dump_that_nobody_reads_on_holds_nothing_and_nobody(firewall: Firewall, guest: Guest,
                                                            door: str) -> None:
    """Of who is in, and of who is on the way; reset() would wait for what is held."""
    family = Family(guest)
    family.ask_all(*(body("peer-add", door=door, ipv4=address) for address in crowd("10.1", 3000)))
    assert 0 < len(family.leave("peer-get", door=door)) < 3000
    dump = body("peer-get", door=door)
    found = [peer["ipv4"] for peer in family.beside(dump, dump, NLM_F_DUMP)]
    assert len(found) == len(set(found)) == 3000
    family.do("peer-flush")
    firewall.append("INPUT -p tcp -m pknock --knockports 2003,2001 --name SSH --time 600")
    syn = guest.client(firewall.family).tcp(2003)
    guest.wire.flood(spoof.sources(firewall.family, syn, (
        bytes([10, 2, number // 250, number % 250]) for number in range(3000))))
    guest.wire.settle()
    assert 0 < len(family.leave("peer-get", door=door)) < 3000
    assert len(family.dump("peer-get", door=door)) == 3000


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_list_of_many_doors_has_each_once(guest: Guest, door: str) -> None:
    """It comes in parts, and may be left after the first."""
    family = Family(guest)
    names = [f"DOOR{number}" for number in range(1500)]
    family.ask_all(*(body("peer-add", door=name, ipv4=ADDRESS, create=True) for name in names))
    found = [described["name"] for described in family.dump("door-get")]
    assert sorted(found) == sorted([door, *names])
    assert 0 < len(family.leave("door-get")) < len(names)


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_flush_forgets_who_is_on_the_way(client: Client, guest: Guest, door: str) -> None:
    client.knock(2002)
    assert guest.standings(door) == {client.address: ("MATCHING", 1)}
    Family(guest).do("peer-flush", door=door)
    assert guest.standings(door) == {}
    client.knock(2001)
    assert client.connect(22) is Answer.SILENCE


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_list_leaves_out_who_is_too_late_though_not_collected(client: Client, guest: Guest,
                                                              firewall: Firewall) -> None:
    guest.set_parameter("gc_interval", 3600)
    firewall.append(f"{KNOCKS} --time 1")
    client.knock(2002)
    family = Family(guest)
    assert [peer["ipv4"] for peer in family.dump("peer-get", door="SSH")] == [client.address]
    until(lambda: family.dump("peer-get", door="SSH") == [])
    assert objects(guest, HALF_OPEN) == 1


@NFT
@V4_ONLY
@pytest.mark.spec("M11", "N1")
def test_at_the_cap_who_is_too_late_goes_first_and_is_not_told_of(firewall: Firewall,
                                                                  guest: Guest) -> None:
    """However far somebody came: it is over, so nobody evicts him."""
    guest.set_parameter("gc_interval", 3600)
    firewall.append(f"{KNOCKS},2004 --time 2 --max-peers 2")
    late, early, newcomer, another = (guest.client(firewall.family) for _ in range(4))
    late.knock(2002, 2001)
    until(lambda: guest.standings("SSH") == {})
    early.knock(2002)
    newcomer.knock(2002)
    assert set(guest.standings("SSH")) == {early.address, newcomer.address}
    assert evictions(guest) == 0
    another.knock(2002)
    assert set(guest.standings("SSH")) == {newcomer.address, another.address}
    assert evictions(guest) == 1


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_malformed_requests_do_no_harm(client: Client, guest: Guest, door: str) -> None:
    family = Family(guest)
    answered = int(family.start("fuzz", "1", "20000").wait(timeout=300).stdout)
    assert answered > 5000
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN
    family.do("peer-flush")
    assert client.connect(22) is Answer.SILENCE


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_listener_that_never_reads_harms_only_itself(client: Client, guest: Guest,
                                                     door: str) -> None:
    family = Family(guest)
    deaf = family.listen("deaf", "4")
    requests = [body("peer-add", door=door, ipv4=ADDRESS)] * 500
    assert set(map(str, family.ask_all(*requests))) == {"[]"}
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN
    assert deaf.wait().stdout.splitlines() == ["No buffer space available"]


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_connector_is_told_what_old_listeners_expect(client: Client, firewall: Firewall,
                                                     guest: Guest) -> None:
    guest.run("modprobe xt_pknock nl_multicast_group=1")
    firewall.drop_by_default()
    firewall.append(OPENS)
    listener = Family(guest).listen("connector", "1")
    client.knock(2002, 2001)
    payload = bytes.fromhex(listener.wait().stdout)[CN_MSG:]
    name = b"SSH".ljust(32, b"\0")
    assert payload == name + bytes(map(int, client.address.split(".")))
