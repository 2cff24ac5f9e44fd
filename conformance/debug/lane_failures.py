# SPDX-License-Identifier: GPL-2.0-or-later
"""Refuses memory: every request of every path once, then any of them under traffic.

A path is a command in the guest, or a datagram, and the part of the kernel in which requests
count: all that a system call does on behalf of the command, before the module is asked and after;
or the module alone. However a request fails, the same must work at once when there is memory, and
nothing may be left over, which is the lane's verdict.
"""

import collections
import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import pknockctl
from harness.crowd import KNOCKS, crowd, traffic
from harness.firewall import BACKENDS, Firewall
from harness.guest import Guest
from harness.net import FAMILIES, GUEST_MAC, V4, V6, Family
from harness.poll import until
from harness.slab import QUEUES, objects
from harness.spa import digest
from harness.spa_door import CLOSE, MINUTE, OPEN, set_minute

pytestmark = pytest.mark.usefixtures("peak")

Spans = dict[str, tuple[int, int]]
Share = Callable[[int], int]
Tell = Callable[[str], None]

SCRIPT = Path(__file__).parent / "inside" / "fail.pl"
INSTALLED = "/run/fail.pl"
KNOBS = "/sys/kernel/debug/failslab"
SECONDS = 1800
# What a kernel says that sees a mistake. All else that it says here is whom it refused memory.
MISTAKE = re.compile(r"BUG|WARNING|INFO: |KASAN|UBSAN|ODEBUG")
# The driver of the interface never recovers when it gets no memory for what arrives, which happens
# in a softirq on top of the module's work.
SPARED = "alloc_skb_with_frags"
# The module is the only code anywhere near its own address.
MODULE, NEAR = "xt_pknock", 1 << 26
# What the kernel says of a request that is refused, unless __GFP_NOWARN came with it.
WARNING = "FAULT_INJECTION: forcing a failure."
# A datagram asks for less often than there are sources.
SOURCES = 40
# Addresses that the guest itself may send from, by the path and the number of the source.
LOCAL = {V4: "127.0.{}.{}", V6: "fd00::{}:{}"}

NFT, LEGACY = "nfnetlink_rcv", "nf_setsockopt"
SEQUENCE = "-p udp -m pknock --knockports 2002,2001 --name"
SECRETS = f"--opensecret {OPEN} --closesecret {CLOSE}"
TOKEN = f"-p udp -m pknock --knockports 2000 {SECRETS} --name"
DOOR = f"iptables-nft -A INPUT {SEQUENCE} SSH"
OPENED = f"{DOOR}; pknockctl allow SSH 192.0.2.1"
# Whatever was refused while the module was loaded: it is all there, or not loaded.
USED = f"iptables-legacy -A INPUT {SEQUENCE} SSH; pknockctl allow SSH 192.0.2.1; " \
       "iptables-legacy -F INPUT; rmmod xt_pknock"
DOORS = "for i in $(seq 60); do iptables-nft -A INPUT -m pknock --checkip --name NEW$i; done"
CROWDED = f"{DOOR}; for i in $(seq 250); do pknockctl allow SSH 198.51.100.$i; done"

ANY = f"""
set -e
cd {KNOBS}
echo 0 >verbose
echo N >ignore-gfp-wait
echo 32 >stacktrace-depth
echo {{start}} >require-start
echo {{end}} >require-end
echo {{spared_start}} >reject-start
echo {{spared_end}} >reject-end
echo 1000000000 >times
echo 20 >probability
for round in $(seq {{rounds}}); do
    for iptables in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
        $iptables -w -t raw -A PREROUTING {KNOCKS} || :
        cat /proc/net/xt_pknock/SSH || :
        pknockctl list || :
        $iptables -w -t raw -F
    done
done >/dev/null 2>&1
echo 0 >probability
echo $((1000000000 - $(cat times)))
"""


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A command, the kernel's function or the module in which its requests count, what undoes it,
    and what comes before all of that. For "%" there is another number each time. When only the
    answer was lost, not the deed, the command says so the next time. What a command says when it
    fails matches the reason."""

    name: str
    function: str
    command: str
    undo: str = ":"
    before: str = ":"
    done: str = "nothing"
    reason: str = ""


def _request(name: str, command: str, undo: str = ":", before: str = OPENED, done: str = "nothing",
             function: str = "genl_rcv") -> Sweep:
    """What is asked for by netlink: whoever fails says that it is for memory."""
    return Sweep(f"netlink, {name}", function, f"pknockctl {command}", undo, before, done,
                 "Cannot allocate memory|No buffer space available")


def _rule(name: str, function: str, iptables: str, rule: str) -> Sweep:
    """A rule of a door that nobody has heard of, in a chain that is there."""
    return Sweep(name, function, f"{iptables} -A INPUT {rule} DOOR%", f"{iptables} -F INPUT",
                 f"{iptables} -A INPUT {rule} FIRST; {iptables} -F INPUT")


SWEEPS = [
    Sweep("module", MODULE, "modprobe xt_pknock", USED),
    Sweep("namespace", MODULE, "unshare --net true", before="modprobe xt_pknock"),
    _rule("rule, nft", NFT, "iptables-nft", SEQUENCE),
    _rule("rule, legacy", LEGACY, "iptables-legacy", SEQUENCE),
    _rule("rule with secrets, nft", NFT, "ip6tables-nft", TOKEN),
    _rule("rule with secrets, legacy", LEGACY, "ip6tables-legacy", TOKEN),
    _request("allow", "allow SSH 192.0.2.%", "pknockctl revoke SSH 192.0.2.%", DOOR),
    # Who is first at a door asks for the table, too.
    _request("allow, first", "allow NEW% 192.0.2.1", "pknockctl revoke NEW% 192.0.2.1", DOORS),
    _request("revoke", "revoke SSH 192.0.2.1", "pknockctl allow SSH 192.0.2.1",
             done="SSH is not open for"),
    _request("flush", "flush SSH", "pknockctl allow SSH 192.0.2.1"),
    _request("stats", "stats SSH"),
    _request("show", "show SSH"),
    _request("list", "list"),
    _request("long dump", "show SSH", before=CROWDED, function="netlink_dump"),
    Sweep("proc, open", "proc_reg_open", "cat /proc/net/xt_pknock/SSH", before=OPENED),
    Sweep("proc, read", "seq_read_iter", "cat /proc/net/xt_pknock/SSH", before=OPENED),
]


@pytest.fixture
def spans(guest: Guest) -> Spans:
    """From where to where the functions and the module go."""
    rows = [line.split() for line in (guest.image.kernel.objects / "System.map").open()]
    symbols = sorted((int(address, 16), name) for address, _, name in rows)
    wanted = {SPARED, *(sweep.function for sweep in SWEEPS)}
    spans = {}
    for at, (start, name) in enumerate(symbols):
        if name in wanted:
            spans[name] = (start, next(end for end, _ in symbols[at:] if end > start))
    loaded = guest.run(f"modprobe {MODULE}; cat /proc/modules; rmmod {MODULE}").stdout
    module = int(loaded.split()[5], 16)
    return {**spans, MODULE: (module - NEAR, module + NEAR)}


def told(name: str, output: str) -> str:
    """What the script's lines come to."""
    outcomes = collections.Counter(line.split()[1] for line in output.splitlines())
    assert outcomes, "no request was refused"
    return (f"{name}: {outcomes.total()} requests refused, "
            f"of which {outcomes['failed']} were fatal")


@pytest.fixture
def script(guest: Guest) -> None:
    """The script is in the guest."""
    guest.agent.write(INSTALLED, SCRIPT.read_text())


@pytest.fixture
def queues(guest: Guest, sweep: Sweep) -> Iterator[None]:
    """A module that went leaves no queue of work: the kernel has a list of all, so that none is a
    leak to it."""
    before = objects(guest, QUEUES)
    yield
    if sweep.undo.endswith(f"rmmod {MODULE}"):
        until(lambda: objects(guest, QUEUES) <= before)


@pytest.mark.usefixtures("script", "queues")
@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.name)
def test_each_request_of_a_command(guest: Guest, spans: Spans, sweep: Sweep, tell: Tell) -> None:
    guest.run(sweep.before)
    output = guest.run(["perl", INSTALLED, "commands", *map(hex, spans[sweep.function]),
                        sweep.done, sweep.undo, *sweep.command.split()], timeout=SECONDS).stdout
    failures = [line for line in output.splitlines() if line.startswith("command failed")]
    assert not [line for line in failures if not re.search(sweep.reason, line)]
    tell(told(sweep.name, output))


@pytest.fixture(autouse=True)
def refusals(guest: Guest) -> Iterator[None]:
    """What the kernel says of them is heard here, and no complaint."""
    yield
    said = guest.run(["dmesg", "--read-clear"]).stdout.splitlines()
    assert not [line for line in said if MISTAKE.search(line)]


def fresh(number: int) -> list[str]:
    """Doors that have no memory yet: who is first at one asks for the tables, too."""
    return [f"-p udp -m pknock --knockports {2100 + number},2001 --name HALF{number}",
            f"-p udp -m pknock --knockports {2200 + number} --name OPEN{number}",
            f"-p udp -m pknock --knockports {2300 + number} {SECRETS} --name NEW{number}"]


def datagrams(family: Family) -> str:
    """Lines for the script: for each path sources enough, none of which has knocked before."""
    lines = []
    for number in range(1, SOURCES + 1):
        first, last, full, opener, closer, half, only, new, again = (
            LOCAL[family].format(path, number) for path in range(1, 10))
        lines += [f"first-knock {first} KNOCK MATCHING ! @2002",
                  f"last-knock {last} KNOCK ALLOWED @2002 ! @2001",
                  f"full-table {full} FULL MATCHING ! @2004",
                  # Used up, whatever came of it: the next minute's has to work.
                  f"open-token {opener} TOKEN ALLOWED ! {token(OPEN, opener)}"
                  f" ! {token(OPEN, opener, MINUTE + 1)}",
                  # If it opened, it was remembered.
                  f"token-again {again} TOKEN nobody ! {token(OPEN, again)}"
                  f" ! {token(CLOSE, again)} {token(OPEN, again)}",
                  f"close-token {closer} TOKEN nobody {token(OPEN, closer)}"
                  f" ! {token(CLOSE, closer)}",
                  f"first-of-all {half} HALF{number} MATCHING ! @{2100 + number}",
                  f"first-opening {only} OPEN{number} ALLOWED ! @{2200 + number}",
                  f"first-token {new} NEW{number} ALLOWED"
                  f" ! {token(OPEN, new, port=2300 + number)}"
                  f" ! {token(OPEN, new, MINUTE + 1, 2300 + number)}"]
    return "\n".join(lines) + "\n"


def token(secret: str, address: str, minute: int = MINUTE, port: int = 2000) -> str:
    return (digest(secret, address, minute) + b"\n").hex() + f"@{port}"


@pytest.mark.usefixtures("script")
@pytest.mark.parametrize(("family", "backend"), zip(FAMILIES, BACKENDS), ids=str)
def test_each_request_of_a_packet(guest: Guest, spans: Spans, family: Family, backend: str,
                                  tell: Tell) -> None:
    """In a task, as the guest sends them to itself; with listeners, so that events are made, and
    copied."""
    guest.run("sysctl -q -w net.ipv6.ip_nonlocal_bind=1")
    with pknockctl.monitor(guest), pknockctl.watched(guest, into="/run/copied-events"):
        set_minute(guest)
        rules = [f"{SEQUENCE} KNOCK", f"{TOKEN} TOKEN",
                 "-p udp -m pknock --knockports 2004,2003 --max-peers 1 --name FULL",
                 *(rule for number in range(1, SOURCES + 1) for rule in fresh(number))]
        Firewall(guest, backend, family).restore(
            "\n".join(["*filter", *(f"-A OUTPUT {rule}" for rule in rules), "COMMIT", ""]))
        output = guest.run(["perl", INSTALLED, "packets", *map(hex, spans[MODULE])],
                           stdin=datagrams(family), timeout=SECONDS).stdout
    tell(told(f"packets, {family}", output))
    assert WARNING not in guest.run(["dmesg"]).stdout, "a stranger fills the kernel's log"


def test_any_request_under_traffic(guest: Guest, spans: Spans, share: Share, tell: Tell) -> None:
    """Of packets, of workers and of commands at once."""
    start, end = map(hex, spans[MODULE])
    spared_start, spared_end = map(hex, spans[SPARED])
    rounds = share(200)
    command = ANY.format(start=start, end=end, spared_start=spared_start, spared_end=spared_end,
                         rounds=rounds)
    with traffic(guest, crowd(guest, GUEST_MAC)) as sent:
        refused = guest.run(command, timeout=SECONDS).stdout
    assert int(refused) > 0
    Firewall(guest, "nft", V4).append(f"INPUT {KNOCKS}")
    client = guest.client(V4)
    client.knock("udp/2002", "udp/2001")
    assert guest.standings("SSH")[client.address] == ("ALLOWED", 2)
    tell(f"{rounds} rounds under traffic: {int(refused)} requests refused, {sent[0]} packets")
