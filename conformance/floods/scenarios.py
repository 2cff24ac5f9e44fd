# SPDX-License-Identifier: GPL-2.0-or-later
"""The floods: each with the figures that it must not go beyond."""

import functools
from collections.abc import Callable, Iterator

from floods.lists import lists
from floods.scene import CALM_VISITS, KNOCKS, NAME, ONE_KNOCK, SLOWLY, Finding, Scene
from floods.strangers import NOBODY, Strangers, sent
from floods.watch import Watch, visit
from harness import genetlink
from harness.agent import Job
from harness.firewall import Firewall
from harness.guest import Guest
from harness.net import FAMILIES, V4, Family
from harness.poll import until
from harness.slab import OPEN, objects
from harness.spa_door import (MINUTE, PORT, close_door, open_door, passes, rule_set,
                              set_minute, token)

MIB = 1 << 20
CAP = 65536             # --max-peers by default
# A half-open peer takes 72 bytes and its place in two tables; so much in all, with what is freed a
# grace period later.
MOST_MEMORY = 64 * MIB
MOST_FOR_TOKENS = 8 * MIB
SMALL = 1000            # max_open, of a table that is to be full
MOST_TOKENS = 8192      # max_replay, of a memory that is to be full
DEAF = 500              # sockets of one user that reads none
BUCKETS_RATIO = 1.5
PARAMETERS = "/sys/module/xt_pknock/parameters"

Scenario = Callable[[Guest, Strangers, int], Iterator[Finding]]


def set_parameter(guest: Guest, name: str, value: int) -> None:
    """Of the module, for doors to come."""
    guest.run(f"modprobe xt_pknock && echo {value} >{PARAMETERS}/{name}")


def check_memory(finding: Finding, most: int) -> None:
    """What the kernel may have taken at the worst."""
    finding.expect(finding.memory < most, f"{finding.memory / MIB:.1f} MiB more")


def _watched(guest: Guest, name: str, family: Family, flood: Callable[[], Job]) -> Finding:
    """A flood without visitors."""
    watch = Watch(guest)
    with watch.watching():
        result = sent(flood())
    return Finding(name, family.name, result.count, result.seconds, watch.busy(), watch.memory(),
                   watch.most("half open"))


def baseline(guest: Guest, strangers: Strangers, count: int, family: Family,
             kind: str) -> Iterator[Finding]:
    """Packets that no rule of ours sees: what they cost anyway."""
    Firewall(guest, "nft", family).restore(rule_set())
    yield _watched(guest, f"{kind}, no rule", family,
                   lambda: strangers.packets(kind, family, count // 4, KNOCKS[0]))


def knocks(guest: Guest, strangers: Strangers, count: int, family: Family) -> Iterator[Finding]:
    """First knocks."""
    finding = Scene(guest, family).endure(
        "first knocks", lambda: strangers.packets("syn", family, count, KNOCKS[0]))
    check_memory(finding, MOST_MEMORY)
    finding.expect(count < CAP or finding.objects >= CAP, "the table was never full")
    # Somebody slow is forgotten when a whole table of others came since the last knock.
    if finding.count / finding.seconds * SLOWLY < CAP / 2:
        finding.expect(finding.slow.came_in == finding.slow.tried, "somebody slow is kept out")
    finding.note = f"slow: {finding.slow.came_in} of {finding.slow.tried}"
    yield finding


def tokens(guest: Guest, strangers: Strangers, count: int, family: Family) -> Iterator[Finding]:
    """Datagrams as long as tokens, with a wrong digest."""
    finding = Scene(guest, family, by_token=True).endure(
        "wrong tokens", lambda: strangers.packets("token", family, count, PORT))
    check_memory(finding, MOST_FOR_TOKENS)
    finding.expect(finding.objects == 0, f"{finding.objects} half-open peers")
    yield finding


def requests(guest: Guest, strangers: Strangers, count: int) -> Iterator[Finding]:
    """Requests over netlink: by somebody who may not, and by root."""
    scene = Scene(guest, V4)
    listing = genetlink.body("peer-get", door=NAME)
    opening = [genetlink.body(operation, door=NAME, ipv4=f"10.9.8.{host}")
               for host in range(16) for operation in ("peer-add", "peer-del")]
    floods = {
        "requests of nobody": (count, genetlink.NLM_F_DUMP, [listing], NOBODY),
        "doors opened and closed by root": (count, 0, opening),
        "lists read by root": (count // 4, genetlink.NLM_F_DUMP, [listing])}
    for name, arguments in floods.items():
        finding = scene.endure(
            name, lambda arguments=arguments: strangers.requests(*arguments))
        refused = finding.count if NOBODY in arguments else 0
        finding.expect(finding.errors == refused, f"{finding.errors} requests were refused")
        check_memory(finding, MOST_FOR_TOKENS)
        yield finding


def listeners(guest: Guest, strangers: Strangers, count: int) -> Iterator[Finding]:
    """First knocks, while somebody has joined the group of events many times and reads nothing."""
    scene = Scene(guest, V4)
    process = strangers.deafen(DEAF)
    finding = scene.endure("first knocks, deaf listeners",
                           lambda: strangers.packets("syn", V4, count, KNOCKS[0]))
    finding.note = f"{DEAF} sockets"
    guest.run(f"kill {process}")
    check_memory(finding, MOST_MEMORY + DEAF * MIB // 4)
    yield finding


def full_doors(guest: Guest, strangers: Strangers, count: int) -> Iterator[Finding]:
    """Doors that one knock opens, until no more may be open: who is in stays, nobody comes in."""
    set_parameter(guest, "max_open", SMALL)
    scene = Scene(guest, V4)
    ttl = ONE_KNOCK.replace("4000", "4001").replace(" -m tcp", " --ttl 20 -m tcp", 1)
    scene.firewall.append(f"INPUT {ttl}")
    finding = _watched(guest, "open doors, all taken", V4,
                       lambda: strangers.packets("syn", V4, count, 4001))
    late = scene.newcomer()
    late.knock(4001)
    finding.objects = objects(guest, OPEN)
    finding.expect(finding.objects == SMALL and not passes(late),
                   f"{finding.objects} doors are open")
    finding.insider.seconds += [visit(scene.insider, []) for _ in range(CALM_VISITS)]
    finding.expect(finding.insider.came_in == CALM_VISITS, "an insider is kept out")
    check_memory(finding, MOST_FOR_TOKENS)
    before = guest.uptime()
    until(lambda: scene.visit() is not None, 60)
    finding.recovery = guest.uptime() - before
    yield finding


def full_memory(guest: Guest, _: Strangers, count: int) -> Iterator[Finding]:
    """True tokens, until no more can be remembered: refused from then on, and none is forgotten."""
    set_parameter(guest, "max_replay", MOST_TOKENS)
    scene = Scene(guest, V4, by_token=True)
    taken = min(count, MOST_TOKENS + 100)
    client = scene.newcomer()
    open_door(client)
    close_door(client)
    watch = Watch(guest)
    with watch.watching():
        start = guest.uptime()
        for _ in range(taken):
            one = scene.newcomer()
            guest.wire.send(one.udp(PORT, token(one, MINUTE)))
        guest.wire.settle()
        seconds = guest.uptime() - start
    finding = Finding("true tokens, memory full", "v4", taken, seconds, watch.busy(),
                      watch.memory(), watch.most("open"))
    open_door(client)
    finding.expect(not passes(client), "a used token opened again")
    late = scene.newcomer()
    open_door(late)
    finding.expect(taken < MOST_TOKENS or not passes(late), "the memory was never full")
    finding.insider.seconds.append(visit(scene.insider, []))
    finding.expect(finding.insider.came_in == 1, "an insider is kept out")
    check_memory(finding, MOST_MEMORY)
    # When their minute is over, there is room again.
    set_minute(guest, MINUTE + 20)
    before = guest.uptime()

    def opens() -> bool:
        open_door(late, MINUTE + 20)
        return passes(late)

    until(opens, 60)
    finding.recovery = guest.uptime() - before
    yield finding


def buckets(guest: Guest, strangers: Strangers, count: int, family: Family) -> Iterator[Finding]:
    """Sources in orders that a hash without a key would mind: each costs the same."""
    orders = ["counted", "reversed", "scattered"]
    Firewall(guest, "nft", family).restore(rule_set(*(
        f"-p tcp -m pknock --knockports {5000 + at},22 --name {order}"
        for at, order in enumerate(orders))))
    found = [_watched(guest, f"sources {order}", family,
                      lambda at=at, order=order: strangers.packets(
                          "syn", family, count // 4, 5000 + at, order))
             for at, order in enumerate(orders)]
    fastest = min(finding.seconds for finding in found)
    for finding in found:
        finding.expect(finding.seconds < BUCKETS_RATIO * fastest,
                       f"takes {finding.seconds / fastest:.1f} times as long as another order")
        yield finding


def collection(guest: Guest, strangers: Strangers, count: int) -> Iterator[Finding]:
    """Peers that are late after a second, and a collection each second, while more come."""
    set_parameter(guest, "gc_interval", 1)
    scene = Scene(guest, V4, more_rules=(
        f"-p tcp -m pknock --knockports 5001,5002 --name {NAME} --time 1 -m tcp --dport 22",))
    finding = scene.endure("late peers, collected",
                           lambda: strangers.packets("syn", V4, count, 5001))
    check_memory(finding, MOST_MEMORY)
    yield finding


def _each_family(scenario: Callable, **more: str) -> list[Scenario]:
    return [functools.partial(scenario, family=family, **more) for family in FAMILIES]


# Each begins with a guest as after boot.
SCENARIOS: dict[str, list[Scenario]] = {
    "knocks": _each_family(baseline, kind="syn") + _each_family(knocks),
    "tokens": _each_family(baseline, kind="token") + _each_family(tokens),
    "requests": [requests], "listeners": [listeners], "full-doors": [full_doors],
    "full-memory": [full_memory], "buckets": _each_family(buckets), "collection": [collection],
    "lists": [lists]}
