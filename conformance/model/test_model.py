# SPDX-License-Identifier: GPL-2.0-or-later
"""The module and the model agree in random histories, each kernel's its own."""

import zlib

import pytest
from hypothesis import HealthCheck, given, seed, settings

from harness.guest import Guest
from model.histories import histories
from model.play import play
from model.steps import History

HISTORIES = 20


@pytest.mark.spec("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M13", "A1", "A2", "A4", "S1", "P1")
@pytest.mark.takes(20)
def test_module_does_what_the_model_does(guest: Guest, request: pytest.FixtureRequest) -> None:
    many = request.config.getoption("--histories")

    @settings(max_examples=many or HISTORIES, database=None, deadline=None, print_blob=False,
              suppress_health_check=list(HealthCheck))
    @given(history=histories())
    def agree(history: History) -> None:
        play(guest, history)

    guest.run(["modprobe", "xt_pknock", "gc_interval=1"])
    if not many:
        agree = seed(zlib.crc32(request.config.getoption("--kernel").encode()))(agree)
    agree()
