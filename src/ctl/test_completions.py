#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shells complete what pknockctl takes, all of it and nothing else."""

import os
import re
import subprocess
import unittest
from pathlib import Path

COMPLETIONS = Path(__file__).parent / "completions"
PROGRAM = os.environ["PKNOCKCTL"]


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


def zsh(command: str) -> set[str]:
    """The options in the command's branch of the text: zsh offers them on a terminal only."""
    text = (COMPLETIONS / "_pknockctl").read_text()
    branch = re.search(rf"^    (?:\w+ \| )*{command}(?: \| \w+)*\)(.*?);;", text, re.M | re.S)[1]
    branch = branch.replace('"$json"', "'--json'").replace('"$help"', "'--help'")
    branch = re.sub(r"'\([^)]*\)", "'", branch)  # what an option excludes
    return set(re.findall(r"['{,](--[\w-]+)", branch))


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
        text = (COMPLETIONS / "_pknockctl").read_text()
        self.assertEqual(set(re.findall(r"^        '(\w+):", text, re.M)), commands())

    def test_options(self) -> None:
        for command in commands():
            expected = options(command)
            with self.subTest(command, shell="bash"):
                self.assertEqual(bash(command, "--"), expected)
            with self.subTest(command, shell="fish"):
                self.assertEqual(fish(f"pknockctl {command} --"), expected)
            with self.subTest(command, shell="zsh"):
                self.assertEqual(zsh(command), expected)


if __name__ == "__main__":
    unittest.main()
