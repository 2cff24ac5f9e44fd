# SPDX-License-Identifier: GPL-2.0-or-later
"""The family pknock as its specification has it: requests made of names, answers taken apart."""

import dataclasses
import ipaddress
import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from harness import HarnessError
from harness.agent import Job
from harness.guest import Guest
from harness.poll import until
from harness.sources import REPOSITORY

SPEC = yaml.safe_load((REPOSITORY / "src/kernel/spec/pknock.yaml").read_text())
SCRIPT = Path(__file__).parent / "scripts/genetlink.pl"
INSTALLED = "/tmp/genetlink.pl"

NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_DUMP = 0x300
NLMSGERR_ATTR_MSG = 1
NUMBERS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q"}

SETS = {entry["name"]: {attribute["name"]: (number, attribute) for number, attribute
                        in enumerate(entry["attributes"], 1)}
        for entry in SPEC["attribute-sets"]}
OPERATIONS = {operation["name"]: (number, operation) for number, operation
              in enumerate(SPEC["operations"]["list"], 1)}


def pack(kind: int, value: bytes) -> bytes:
    """An attribute of any kind."""
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


def _encode(attribute: dict, value: object) -> bytes:
    if attribute["type"] == "string":
        return str(value).encode() + b"\0"
    if attribute["type"] == "flag":
        return b""
    if attribute["name"] in ("ipv4", "ipv6"):
        return ipaddress.ip_address(value).packed
    return struct.pack(NUMBERS[attribute["type"]], value)


def _decode(attribute: dict, value: bytes) -> object:
    match attribute["type"]:
        case "string":
            return value.rstrip(b"\0").decode()
        case "flag":
            return True
        case "nest":
            return decode(attribute["nested-attributes"], value)
    if attribute["name"] in ("ipv4", "ipv6"):
        return str(ipaddress.ip_address(value))
    [number] = struct.unpack(NUMBERS[attribute["type"]], value)
    return number


def _unpack(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3fff] = data[4:length]
        data = data[length + -length % 4:]
    return found


def decode(name: str, data: bytes) -> dict[str, object]:
    """The attributes of a set, by name."""
    known = {number: attribute for number, attribute in SETS[name].values()}
    return {known[kind]["name"]: _decode(known[kind], value)
            for kind, value in _unpack(data).items() if known[kind]["type"] != "pad"}


def body(operation: str, extra: bytes = b"", /, **values: object) -> bytes:
    """A request; values by the names of attributes, extra ones as they stand."""
    number, described = OPERATIONS[operation]
    known = SETS[described["attribute-set"]]
    encoded = [pack(known[name][0], _encode(known[name][1], value))
               for name, value in values.items()]
    return struct.pack("=BBH", number, SPEC.get("version", 1), 0) + b"".join(encoded) + extra


@dataclasses.dataclass(frozen=True)
class Refusal:
    """An errno, and what the kernel has to say about it."""

    errno: int
    message: str

    def __str__(self) -> str:
        return f"{os.strerror(self.errno)}: {self.message}"


# The items that came, or why none did.
Answer = list[dict] | Refusal


def _answer(lines: Sequence[str]) -> Answer:
    items = []
    for line in lines:
        kind, data = line.split(" ")
        message = bytes.fromhex(data)
        if int(kind) in (NLMSG_ERROR, NLMSG_DONE):
            [error] = struct.unpack_from("=i", message)
            # Acknowledgements are capped: the header of the request comes back, and no more.
            details = _unpack(message[20:] if int(kind) == NLMSG_ERROR else message[4:])
            text = details.get(NLMSGERR_ATTR_MSG, b"").rstrip(b"\0").decode()
            if error:
                return Refusal(-error, text)
        else:
            attribute_set = SPEC["operations"]["list"][message[0] - 1]["attribute-set"]
            items.append(decode(attribute_set, message[4:]))
    return items


class Family:
    """Speaks to the guest's kernel, in one network namespace, as whom the prefix makes it."""

    def __init__(self, guest: Guest, prefix: Sequence[str] = ()) -> None:
        self._guest = guest
        self._prefix = prefix
        guest.agent.write(INSTALLED, SCRIPT.read_text())

    def start(self, *words: str, stdin: str = "") -> Job:
        """Start a verb of the script."""
        return self._guest.agent.start([*self._prefix, "perl", INSTALLED, *words], stdin=stdin)

    def listen(self, verb: str, *words: str) -> Job:
        """Start a verb of the script that listens, and wait until it does."""
        file = f"/tmp/genetlink.{verb}"
        self._guest.run(["rm", "-f", file])
        job = self.start(verb, file, *words)
        until(lambda: self._guest.run(["test", "-e", file], check=False).rc == 0)
        return job

    def asking(self, requests: Sequence[tuple[int, bytes]]) -> Callable[[], list[Answer]]:
        """Begin to ask one after the other, each with its flags; call for the answers."""
        job = self.start("ask", stdin="".join(f"{flags} {request.hex()}\n"
                                              for flags, request in requests))

        def answers() -> list[Answer]:
            found = [_answer(block.splitlines()) for block in job.wait().stdout.split("\n\n")[:-1]]
            if len(found) != len(requests):
                raise HarnessError(f"{len(found)} answers to {len(requests)} requests")
            return found

        return answers

    def ask_all(self, *requests: bytes, flags: int = 0) -> list[Answer]:
        """What the kernel answers to each."""
        return self.asking([(flags, request) for request in requests])()

    def do(self, operation: str, **values: object) -> Answer:
        """The answer to one request."""
        [answer] = self.ask_all(body(operation, **values))
        return answer

    def dump(self, operation: str, **values: object) -> Answer:
        """All that a dump lists."""
        [answer] = self.ask_all(body(operation, **values), flags=NLM_F_DUMP)
        return answer

    def leave(self, operation: str, **values: object) -> list[dict]:
        """The first part of a dump that nobody reads on."""
        output = self.start("leave", body(operation, **values).hex()).wait().stdout
        return _answer(output.splitlines())

    def beside(self, dump: bytes, request: bytes, flags: int = 0) -> Answer:
        """The answer to a request, in the middle of a dump."""
        output = self.start("beside", dump.hex(), str(flags), request.hex()).wait().stdout
        return _answer(output.splitlines())

    def churn(self, operation: str, requests: Sequence[bytes], count: int) -> list[dict]:
        """A dump, between whose parts so many of the requests are made."""
        lines = "".join(f"0 {request.hex()}\n" for request in requests)
        output = self.start("churn", body(operation).hex(), str(count), stdin=lines).wait().stdout
        answer = _answer(output.splitlines())
        if isinstance(answer, Refusal):
            raise HarnessError(str(answer))
        return answer
