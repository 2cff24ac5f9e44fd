# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of many peers, while doors open and close as fast as they can and somebody listens."""

import time
from collections import Counter
from collections.abc import Iterator

from floods.scene import NAME, ONE_KNOCK, Finding
from floods.strangers import LONGEST, Strangers, sent
from floods.watch import Watch, sample
from harness import genetlink
from harness.firewall import Firewall
from harness.guest import Guest
from harness.net import V4
from harness.spa_door import rule_set

MANY = 100_000
LIST = """pknockctl list --json | grep -o '"address": *"[^"]*"'"""
HEARD = "/run/heard"
LISTEN = f"""
pknockctl monitor --json --door {NAME} >{HEARD} 2>{HEARD}.err &
echo $!
"""
RUNS = ["pgrep", "-x", "requests"]
# Those who come and go, who are nobody else's.
COMING, GOING = "peer-add", "peer-del"
VISITOR = "10.9.8."


def _listed(guest: Guest) -> Counter[str]:
    """Who is in a list, and how often."""
    return Counter(guest.run(LIST, timeout=LONGEST).stdout.splitlines())


def lists(guest: Guest, strangers: Strangers, count: int) -> Iterator[Finding]:
    """Whoever is there all the time is in each list, once."""
    Firewall(guest, "nft", V4).restore(rule_set(ONE_KNOCK))
    many = min(MANY, count)
    sent(strangers.packets("syn", V4, many, 4000))
    calm = _listed(guest)
    listener = guest.run(LISTEN).stdout.strip()
    changes = [genetlink.body(operation, door=NAME, ipv4=f"{VISITOR}{host}")
               for host in range(16) for operation in (COMING, GOING)]
    watch = Watch(guest)
    during = []
    with watch.watching():
        start = time.monotonic()
        flood = strangers.requests(count, 0, changes)
        while not during or guest.run(RUNS, check=False).rc == 0:
            during.append(_listed(guest))
        taken = time.monotonic() - start
        result = sent(flood)
    guest.run(["kill", listener])
    heard = int(guest.run(f"wc -l <{HEARD}").stdout)

    finding = Finding("changes while lists are read", V4.name, result.count, result.seconds,
                      watch.busy(), watch.memory(), sample(guest).objects["open"])
    finding.expect(len(calm) >= many and set(calm.values()) == {1}, f"{len(calm)} peers in peace")
    wrong = [address for found in during for address in calm if found[address] != 1]
    finding.expect(not wrong, f"{len(wrong)} peers not once in a list, such as {wrong[:3]}")
    finding.note = (f"{len(during)} lists of {len(calm):,} peers in {taken:.1f} s, "
                    f"{heard:,} events heard")
    finding.expect(heard > 0, "no event was heard")
    yield finding
