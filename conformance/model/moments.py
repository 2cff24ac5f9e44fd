# SPDX-License-Identifier: GPL-2.0-or-later
"""Moments of which bounds are known: after a packet was sent, before silence was proven."""

import dataclasses
import math

from model.choices import Choices

# The kernel's clock of expiry ticks, and on a busy emulated machine it ticks late.
COARSE = 0.15


@dataclasses.dataclass(frozen=True)
class Moment:
    """Some time between two others."""

    low: float
    high: float

    def __add__(self, seconds: float) -> "Moment":
        return Moment(self.low + seconds, self.high + seconds)

    def after(self, other: "Moment", choices: Choices) -> bool:
        """Whether this is after the other moment, which may be too close to tell."""
        if self.low > other.high + COARSE:
            return True
        return self.high >= other.low - COARSE and choices.either()

    def shows(self, now: "Moment", seconds: int | None) -> bool:
        """Whether so many whole seconds can be what is left until this moment."""
        least = math.floor(self.low - now.high - COARSE)
        most = math.ceil(self.high - now.low + COARSE)
        return seconds is not None and least <= seconds <= most
