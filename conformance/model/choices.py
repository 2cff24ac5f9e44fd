# SPDX-License-Identifier: GPL-2.0-or-later
"""What the specification leaves open: all ways in which it can go are followed.

A function that asks choices.either() is run again until every combination of answers was given.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

Outcome = TypeVar("Outcome")


class Choices:
    """The answers of one run: those given before it, then False."""

    def __init__(self, answers: list[bool]) -> None:
        self._answers = answers
        self._asked = 0

    def either(self) -> bool:
        """One way in one run, the other way in another."""
        if self._asked == len(self._answers):
            self._answers.append(False)
        self._asked += 1
        return self._answers[self._asked - 1]


def explore(function: Callable[[Choices], Outcome]) -> Iterator[Outcome]:
    """The outcomes of a function for all answers that it can be given."""
    answers: list[bool] = []
    while True:
        yield function(Choices(answers))
        while answers and answers[-1]:
            answers.pop()
        if not answers:
            return
        answers[-1] = True
