# SPDX-License-Identifier: GPL-2.0-or-later
"""The model itself, on histories short enough to be read: what it does not allow, it must not."""

import dataclasses

import pytest

from harness.guest import Peer
from model.choices import Choices, explore
from model.door import Packet, Token, World
from model.moments import Moment
from model.play import explained
from model.rules import Rule

SOURCE, OTHER = "198.51.100.0", "198.51.100.1"
SEQUENCE = Rule(ports=("tcp/2001", "tcp/2002"), strict=True, time=2, ttl=3)


def seen(number: int, port: int, source: str = SOURCE, token: Token | None = None) -> Packet:
    """A SYN that was not there before, or a datagram with a token."""
    return Packet(number, source, "udp" if token else "tcp", port, identity=number, token=token)


def outcomes(rules: list[Rule], *events: tuple[float, Packet]) -> set[tuple[bool, ...]]:
    """Which of the packets get through, in each way that the model allows."""
    def run(choices: Choices) -> tuple[bool, ...]:
        world, passed = World(), []
        for second, packet in events:
            world = world.at(Moment(second, second), (int(second // 60), int(second // 60)),
                             choices)
            passed.append(world.passes(packet, rules))
        return tuple(passed)

    return set(explore(run))


def test_every_answer_is_given_once() -> None:
    def run(choices: Choices) -> str:
        return "a" if choices.either() else f"b{choices.either()}"

    assert list(explore(run)) == ["bFalse", "bTrue", "a"]


@pytest.mark.parametrize(("second", "answers"), [(4.8, {False}), (5, {False, True}), (5.2, {True})])
def test_only_moments_too_close_to_tell_are_left_open(second: float, answers: set[bool]) -> None:
    later = set(explore(lambda choices: Moment(second, second).after(Moment(5, 5), choices)))
    assert later == answers


def test_strict_sequence_opens_in_order_and_in_time() -> None:
    knocks = [(0, seen(1, 2001)), (1, seen(2, 2002)), (3.8, seen(3, 80)), (4.2, seen(4, 80))]
    assert outcomes([SEQUENCE], *knocks) == {(False, False, True, False)}
    late = [(0, seen(1, 2001)), (2.2, seen(2, 2002)), (2.3, seen(3, 80))]
    assert outcomes([SEQUENCE], *late) == {(False, False, False)}
    wrong = [(0, seen(1, 2001)), (0, seen(2, 2003)), (0, seen(3, 2002)), (0, seen(4, 80))]
    assert outcomes([SEQUENCE], *wrong) == {(False,) * 4}


def test_once_and_mask() -> None:
    rules = [dataclasses.replace(SEQUENCE, mask=31), Rule(mask=31, once=True)]
    knocks = [(0, seen(1, 2001)), (0, seen(2, 2002, OTHER))]
    # The first rule matches all that it sees of who is in; the second only what knocks.
    assert outcomes(rules, *knocks, (0, seen(3, 2001)), (0, seen(4, 80))) == {
        (False, True, False, False)}


def test_token_opens_once_and_its_minute_is_told_apart() -> None:
    rules = [Rule(ports=("udp/2000",), secrets=0), Rule(once=True)]

    def token(number: int, minute: int) -> Packet:
        return seen(number, 2000, token=Token("open", 0, SOURCE, minute))

    # The datagram that opens reaches the check rule, and uses the grant up.
    assert outcomes(rules, (0, token(1, 1)), (0, token(2, 1)), (0, token(3, 2))) == {
        (True, False, False)}
    # Forgotten or not, it is refused when its time comes again; another one may be.
    assert outcomes(rules, (60, token(1, 1)), (3600, seen(2, 80)), (60, token(3, 1)),
                    (60, token(4, 0))) == {(True, False, False, answer) for answer in (True, False)}


def test_listing_has_to_say_what_is_certain_and_no_more() -> None:
    now = Moment(1, 1)
    world = World().at(Moment(0, 0), (0, 0), Choices([]))
    world.passes(seen(1, 2001), [SEQUENCE])
    lines = world.at(now, (0, 0), Choices([])).lines("A")
    peer = Peer(SOURCE, "TCP", "MATCHING", 1, 1, None)
    assert explained(lines, [peer], now)
    assert not explained(lines, [], now)
    assert not explained([], [peer], now)
    for change in ({"count": 2}, {"proto": "UDP"}, {"src": OTHER}, {"expires": 3},
                   {"status": "ALLOWED"}, {"autoclose": 1}, {"expires": None}):
        assert not explained(lines, [dataclasses.replace(peer, **change)], now)
