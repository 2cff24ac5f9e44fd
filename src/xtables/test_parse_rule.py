# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin without a kernel: what libxtables and it make of a rule's options."""

from __future__ import annotations

import os
import random
import re
import shlex
import struct
import subprocess
from collections.abc import Sequence

import pytest
import rule_table

DOOR = ["-m", "pknock", "--name", "SSH"]
SEQUENCE = ["-p", "tcp", *DOOR, "--knockports", "2002,2001,2004"]
SPA = ["-p", "udp", *DOOR, "--knockports", "2000"]
PARAMETER_PROBLEM = 2


def parse_rule(
    how: str, rule: Sequence[str | bytes], family: int = 4
) -> subprocess.CompletedProcess[bytes]:
    command = [os.environ["PARSE_RULE"], f"-{family}", how, *rule]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def accepted(how: str, rule: Sequence[str | bytes], family: int = 4) -> bytes:
    done = parse_rule(how, rule, family)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.removesuffix(b"\n")


def refused(rule: Sequence[str | bytes], family: int = 4) -> str:
    done = parse_rule("save", rule, family)
    assert (done.returncode, done.stdout) == (PARAMETER_PROBLEM, b"")
    return done.stderr.decode()


def restored(saved: bytes) -> list[bytes]:
    """The words that iptables-restore reads from a saved rule."""
    words = re.findall(rb'"((?:[^"\\]|\\.)*)"|(\S+)', saved)
    return [re.sub(rb"\\(.)", rb"\1", quoted) or plain for quoted, plain in words]


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("row", rule_table.read(), ids=str)
def test_row(row: rule_table.Row, family: int) -> None:
    rule = shlex.split(row.rule)
    if row.accepted:
        saved = " " + row.saved.split("-m pknock ")[1]
        assert accepted("save", rule, family).decode() == saved
    else:
        assert re.search(r"--[a-z]+", refused(rule, family))


@pytest.mark.parametrize(("family", "bits"), [(4, 32), (6, 128)])
def test_mask_ends_with_the_address(family: int, bits: int) -> None:
    check = [*DOOR, "--checkip", "--mask"]
    assert accepted("save", [*check, str(bits)], family).endswith(f"--mask {bits}".encode())
    assert "--mask" in refused([*check, str(bits + 1)], family)


def test_service_names_are_saved_as_numbers() -> None:
    rule = ["-p", "tcp", *DOOR, "--knockports", "ssh,tcp/http"]
    assert accepted("save", rule) == b" --knockports 22,tcp/80 --name SSH"


@pytest.mark.parametrize(
    "secret",
    [
        b"two words",
        b" ",
        b'"',
        b"'",
        b"\\",
        b'\\"',
        b"ends in \\",
        b"$HOME `id` %s %n ! ; # & | < > *",
        b"-t",
        b"--name",
        b"!",
        "schlüssel".encode(),
        bytes(range(0x80, 0xFF)),
        b'"' * 127,
        bytes(range(0x20, 0x7F)),
    ],
)
def test_secrets_survive_save_and_restore(secret: bytes) -> None:
    rule = [*SPA, "--opensecret", secret, "--closesecret", b"x" + secret[1:] + b"y"]
    if len(secret) == 127:
        rule[-1] = b"x"
    saved = accepted("save", rule)
    again = ["-p", "udp", "-m", "pknock", *restored(saved)]
    assert accepted("save", again) == saved
    assert accepted("bytes", again) == accepted("bytes", rule)
    assert secret.hex().encode() in accepted("bytes", rule)


@pytest.mark.parametrize("option", ["--opensecret", "--closesecret"])
@pytest.mark.parametrize("byte", [*range(1, 0x20), 0x7F])
def test_control_characters_in_secrets_are_refused(option: str, byte: int) -> None:
    secrets = {"--opensecret": b"open", "--closesecret": b"shut"}
    secrets[option] += bytes([byte])
    words = [word for pair in secrets.items() for word in pair]
    assert option in refused([*SPA, *words])


def test_listing_hides_secrets() -> None:
    rule = [*SPA, "--opensecret", "sesame", "--closesecret", "emases"]
    listed = accepted("list", rule)
    assert b"opensecret" in listed and b"closesecret" in listed
    assert b"sesame" not in listed and b"emases" not in listed


def test_layout() -> None:
    """xt_pknock_mtinfo2 as the kernel reads it; what was not written is zero."""
    rule = ["-m", "pknock", "--name", "SSH", "--knockports", "tcp/2002,udp/2001"]
    rule += ["--time", "7", "--strict", "--autoclose", "2", "--mask", "24", "--max-peers", "9"]
    name, flags, time, ttl, peers, mask, skew, count, reserved, ports, open_, close, kernels = (
        struct.unpack("=32s4I4B60s128s128sQ", bytes.fromhex(accepted("bytes", rule).decode()))
    )
    assert name == b"SSH".ljust(32, b"\0")
    assert flags == sum(1 << option for option in (0, 1, 3, 4, 5, 10, 12))
    assert (time, ttl, peers, mask, skew, count, reserved) == (7, 120, 9, 24, 0, 2, 0)
    assert ports == struct.pack("=HBBHBB", 2002, 6, 0, 2001, 17, 0).ljust(60, b"\0")
    assert (open_.strip(b"\0"), close.strip(b"\0"), kernels) == (b"", b"", 0)


def test_any_knockports_is_refused_or_comes_back() -> None:
    source = random.Random(0)
    pieces = [",", "/", "tcp/", "udp/", "0", "1", "65535", "65536", "ssh", "x", " ", "-", "+", "é"]
    for _ in range(300):
        text = "".join(source.choices(pieces, [9, 1, 2, 2, 1, 9, 9, 1, 1, 1, 1, 1, 1, 1], k=6))
        rule = ["-p", "tcp", *DOOR, "--knockports", text]
        done = parse_rule("save", rule)
        assert done.returncode in (0, PARAMETER_PROBLEM), text
        if done.returncode == 0:
            again = ["-p", "tcp", "-m", "pknock", *done.stdout.split()]
            assert accepted("bytes", again) == accepted("bytes", rule)
        else:
            assert b"--knockports" in done.stderr, text
