# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests take for granted of the match beyond the specification: its options, its listing.

scoreboard/ puts another dialect in this one's place, for a match that is not ours.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.agent import CommandError

if TYPE_CHECKING:
    from harness.guest import Guest, Peer

MODULE = "xt_pknock"


class Dialect:
    """Ours: rules are taken as they are written, lists are compared as they are."""

    def rules(self, text: str) -> str:
        """Rules of a test, as this match takes them."""
        return text

    def refused(self, error: CommandError) -> None:
        """iptables refused what a test wanted it to take: the caller raises the error."""

    def peers(self, listed: Sequence["Peer"]) -> list["Peer"]:
        """The peers of a door, for comparing."""
        return list(listed)

    def standings(self, listed: dict[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
        """Where sources stand, for comparing."""
        return listed

    def set_parameter(self, guest: "Guest", name: str, value: int) -> None:
        """Change a parameter of the module, which gets loaded."""
        guest.run(f"modprobe {MODULE} && echo {value} >/sys/module/{MODULE}/parameters/{name}")
