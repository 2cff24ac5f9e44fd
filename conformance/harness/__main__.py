# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for development: python3 -m harness COMMAND; --help lists them."""

import argparse
import json
import sys
from pathlib import Path

from harness import HarnessError, kernels, privilege
from harness.guest import Guest
from harness.progress import step


def _image(kernel: kernels.Kernel) -> None:
    print(privilege.build_image(kernel).directory)


def _rpm_image(kernel: kernels.Kernel) -> None:
    print(privilege.build_rpm_image(kernel).directory)


def _recipes_image(kernel: kernels.Kernel) -> None:
    print(privilege.build_image_beside(kernel, "recipes").directory)


def _knocking_image(kernel: kernels.Kernel) -> None:
    print(privilege.build_image_beside(kernel, "knocking").directory)


def _service_image(kernel: kernels.Kernel) -> None:
    print(privilege.build_image_beside(kernel, "service").directory)


def _measuring_image(kernel: kernels.Kernel) -> None:
    print(privilege.build_measuring_image(kernel).directory)


def _addons_image(kernel: kernels.Kernel) -> None:
    print(privilege.build_addons_image(kernel).directory)


def _debs(kernel: kernels.Kernel) -> None:
    print(json.dumps(privilege.build_debs(kernel), default=str))


def _compile(kernel: kernels.Kernel, directory: str) -> None:
    privilege.compile_for(kernel, Path(directory), sys.stdin.read())


def _life(kernel: kernels.Kernel) -> None:
    layers = privilege.build_life(kernel)
    print(json.dumps([str(layers.server), str(layers.installed)]))


def _repository(kernel: kernels.Kernel) -> None:
    print(privilege.build_repository(kernel))


def _prompt(guest: Guest) -> None:
    prompt = "guest# " if sys.stdin.isatty() else ""
    while guest.vm.alive:
        try:
            line = input(prompt)
        except EOFError:
            return
        result = guest.run(line, check=False)
        print(result.stdout, end="")
        print(result.stderr, end="", file=sys.stderr)
    print(guest.vm.obituary(), file=sys.stderr)


def _shell(kernel: kernels.Kernel) -> None:
    disk = privilege.build_image(kernel)
    with step("Booting"):
        guest = Guest(disk)
    try:
        _prompt(guest)
    finally:
        guest.stop()


# What it does, what --help says of it, and its operands, if any.
COMMANDS = {
    "compile": (_compile, "run the script on standard input where packages are compiled; DIRECTORY "
                          "is its /src", "DIRECTORY"),
    "debs": (_debs, "make the packages in all ways that there are; prints their directories"),
    "image": (_image, "build the packages and the disk; prints its directory"),
    "life": (_life, "make a server without and with the packages; prints their directories"),
    "module": (privilege.check_module, "only compile the module, with all warnings, and sparse; "
                                       "without --kernel for every row"),
    "rpm-image": (_rpm_image, "the same with .rpms, in a Debian that has dnf"),
    "recipes-image": (_recipes_image, "the image with firewalld and ufw, for docs/recipes"),
    "knocking-image": (_knocking_image, "the image with knockd and fwknop, for bench/latency"),
    "service-image": (_service_image, "the image with systemd and AppArmor, for service/"),
    "measuring-image": (_measuring_image, "the image for bench/run --icount, without packages"),
    "addons-image": (_addons_image, "a disk with xtables-addons instead, for scoreboard/"),
    "repository": (_repository, "follow docs/apt-repository.md; prints where the result is"),
    "shell": (_shell, "boot, and run each line of standard input as root in the guest"),
}


def main() -> int:
    """Run one command."""
    table = kernels.load()
    parser = argparse.ArgumentParser(prog="harness", description=__doc__)
    parser.add_argument("--kernel", choices=table)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (function, text, *operands) in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        for operand in operands:
            command.add_argument(operand)
        command.add_argument("--kernel", choices=table, default=argparse.SUPPRESS)
        command.set_defaults(function=function, operands=operands)
    arguments = parser.parse_args()
    every = table if arguments.function is privilege.check_module else [kernels.DEFAULT]
    try:
        for name in [arguments.kernel] if arguments.kernel else every:
            values = [getattr(arguments, operand) for operand in arguments.operands]
            arguments.function(table[name], *values)
    except HarnessError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
