# SPDX-License-Identifier: GPL-2.0-or-later
"""A door that takes SPA v1 tokens: its rules, its clients' tokens, and a clock to suit them.

Minutes are chosen, not read: a test that sets the guest's clock knows which tokens are in the
window, whatever the time of day.
"""

from harness.client import Answer, Client
from harness.guest import Guest
from harness.spa import digest

MINUTE = 29_397_000
PORT = 2000
NAME = "SSH"
OPEN = "your_opensecret"
CLOSE = "your_closesecret"


def token(client: Client, minute: int = MINUTE, secret: str = OPEN) -> bytes:
    """The datagram that is true for a client in a minute, as old clients end it."""
    return digest(secret, client.address, minute) + b"\n"


def open_door(client: Client, minute: int = MINUTE, port: int = PORT) -> None:
    """Send the open token; when it returns, the guest's kernel has seen it."""
    client.datagram(port, token(client, minute))


def close_door(client: Client, minute: int = MINUTE, port: int = PORT) -> None:
    """Send the close token; when it returns, the guest's kernel has seen it."""
    client.datagram(port, token(client, minute, CLOSE))


def passes(client: Client) -> bool:
    """Whether the client gets through to TCP port 22; if not, it must get no answer at all."""
    answer = client.connect(22)
    assert answer in (Answer.OPEN, Answer.SILENCE)
    return answer is Answer.OPEN


def knock_rule(options: str = "", name: str = NAME, port: int | str = PORT,
               open_secret: str = OPEN, close_secret: str = CLOSE,
               target: str = "-j DROP") -> str:
    """The rule that sees the tokens; with a target, none after it sees those of an open source."""
    return (f"-p udp -m pknock --knockports {port} --name {name}"
            f' --opensecret "{open_secret}" --closesecret "{close_secret}" {options} {target}')


def check_rule(options: str = "", name: str = NAME) -> str:
    """The rule that lets through who opened the door."""
    return f"-p tcp -m pknock --checkip --name {name} {options} -m tcp --dport 22 -j ACCEPT"


def rule_set(*rules: str, table: str = "filter", chain: str = "INPUT",
             policy: str = "DROP") -> str:
    """For iptables-restore: the rules of a chain, and what becomes of everything else."""
    return "\n".join([f"*{table}", f":{chain} {policy} [0:0]",
                      *(f"-A {chain} {rule}" for rule in rules), "COMMIT", ""])


def door(options: str = "") -> str:
    """For iptables-restore: a knock rule with options, and a check rule."""
    return rule_set(knock_rule(options), check_rule())


def set_minute(guest: Guest, minute: int = MINUTE, second: float = 5) -> None:
    """Step the guest's wall clock into a minute, as a rule with most of it ahead."""
    guest.set_clock(60 * minute + second)
