#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shells complete what pknockctl takes, all of it and nothing else."""

import os
import re
import subprocess
import tempfile
import unittest
from collections.abc import Sequence
from pathlib import Path

import pexpect

COMPLETIONS = Path(__file__).parent / "completions"
PROGRAM = os.environ["PKNOCKCTL"]
CONTROL_U = "\x15"
# All that is offered goes through compadd; with some options it only looks what would be.
ZSHRC = """
PROMPT='ready> '
LISTMAX=0
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit && compinit -D -u
compadd() {
    local -a found
    if [[ " $* " != *' -'[OAD]' '* ]]; then
        builtin compadd -O found "$@"
        print -rl -- $found >>$OFFERS
    fi
    builtin compadd "$@"
}
"""


def help_of(*words: str) -> str:
    """What --help prints."""
    return subprocess.run([PROGRAM, *words, "--help"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def commands() -> set[str]:
    """The names of all commands."""
    listing = re.split("^subcommands:", help_of(), flags=re.I | re.M)[1]
    return set(re.findall(r"^  (\w+) ", listing, re.M))


def options(command: str) -> set[str]:
    """The long options of a command, and of what it has below it."""
    words = ["setup", "ssh"] if command == "setup" else [command]
    return set(re.findall(r"(?:^ +|, *)(--[\w-]+)", help_of(*words), re.M))


def bash(*words: str) -> set[str]:
    """What bash offers for the last of the words."""
    script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));'
              ' _pknockctl pknockctl "${@: -1}" "${@: -2:1}"; printf "%s\\n" "${COMPREPLY[@]}"')
    output = subprocess.run(["bash", "-c", script, COMPLETIONS / "pknockctl.bash", "pknockctl",
                             *words], check=True, text=True, stdout=subprocess.PIPE).stdout
    return set(output.split())


def zsh(lines: Sequence[str]) -> list[set[str]]:
    """What zsh offers for each line. It completes on a terminal only, and says it in a file."""
    with tempfile.TemporaryDirectory() as home:
        offers = Path(home, "offers")
        Path(home, ".zshrc").write_text(ZSHRC)
        environment = {"ZDOTDIR": home, "OFFERS": str(offers), "COMPLETIONS": str(COMPLETIONS),
                       "TERM": "dumb", "PATH": os.environ["PATH"]}
        with pexpect.spawn("zsh", ["-d", "-i"], env=environment, timeout=60) as shell:
            for line in lines:
                shell.expect_exact("ready> ")
                shell.send(f"{line}\t{CONTROL_U}")
                shell.sendline("print : >>$OFFERS; print -n re; print ady")
                shell.expect_exact("ready\r\n")
            shell.sendline("exit")
            shell.expect(pexpect.EOF)
        return [set(text.split()) for text in offers.read_text().split(":\n")[:-1]]


def fish(line: str) -> set[str]:
    """What fish offers for a line, but for options of one letter."""
    script = f"source {COMPLETIONS}/pknockctl.fish; complete -C '{line}'"
    output = subprocess.run(["fish", "--no-config", "-c", script], check=True, text=True,
                            timeout=60, stdout=subprocess.PIPE).stdout
    words = [offer.split("\t")[0] for offer in output.splitlines()]
    return {word for word in words if not re.fullmatch("-[a-z]", word)}


class Completions(unittest.TestCase):
    """The program's help is what they are measured by."""

    def test_commands(self) -> None:
        self.assertEqual(bash(""), commands() | {"--help", "--version"})
        self.assertEqual(fish("pknockctl "), commands())

    def test_options(self) -> None:
        for command in commands():
            expected = options(command)
            with self.subTest(command, shell="bash"):
                self.assertEqual(bash(command, "--"), expected)
            with self.subTest(command, shell="fish"):
                self.assertEqual(fish(f"pknockctl {command} --"), expected)

    def test_zsh(self) -> None:
        names = sorted(commands())
        lines = ["pknockctl ", *(f"pknockctl {name} --" for name in names)]
        offered, *of_commands = zsh(lines)
        self.assertEqual(offered, commands() | {"--help", "--version"})
        for name, found in zip(names, of_commands, strict=True):
            with self.subTest(name):
                self.assertEqual(found, options(name))


if __name__ == "__main__":
    unittest.main()
