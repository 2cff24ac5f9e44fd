#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the rules of the tree that no common linter knows.

Reads the paths of the files to check from standard input, one a line, relative
to the repository's root. Prints "path:line: message" for each breach; exit
status 1 says that there was one.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

CODE = {".c", ".h", ".cpp", ".hpp", ".py", ".sh"}
# Formats without comments, prose, and texts that others define.
NO_LICENCE_LINE = {".md", ".json", ".txt"}
NO_LICENCE_LINE_NAMES = {"LICENSE", "copyright", "changelog.in", "format", "sha256sums"}

KERNEL_VERSION = re.compile(r"\b(LINUX_VERSION_CODE|KERNEL_VERSION|RHEL_\w+)\b")
LICENCE_LINE = re.compile(r"SPDX-License-Identifier: (.*?)(?: ?\*/)?$")
KERNEL_LICENCES = {"src/kernel/uapi/": "GPL-2.0-only WITH Linux-syscall-note",
                   "src/kernel/": "GPL-2.0-only"}
LICENCES = {"GPL-2.0-only", "GPL-2.0-or-later"}


def is_code(path: Path, lines: list[str]) -> bool:
    return path.suffix in CODE or bool(lines and lines[0].startswith("#!"))


def file_size(path: Path, lines: list[str]) -> Iterator[str]:
    if is_code(path, lines) and len(lines) > MAX_FILE_LINES:
        yield f"{path}:{MAX_FILE_LINES}: {len(lines)} lines, {MAX_FILE_LINES} is the limit"


def licence(path: Path, lines: list[str]) -> Iterator[str]:
    is_text = path.suffix in NO_LICENCE_LINE and path.name != "CMakeLists.txt"
    if is_text or path.name in NO_LICENCE_LINE_NAMES or path.name.startswith("."):
        return
    found = next((m[1] for m in map(LICENCE_LINE.search, lines[:5]) if m), None)
    kernel = next((name for folder, name in KERNEL_LICENCES.items()
                   if str(path).startswith(folder)), None)
    if found is None:
        yield f"{path}:1: no SPDX-License-Identifier in the first five lines"
    elif kernel and found != kernel:
        yield f"{path}:1: the licence is {found}, here it must be {kernel}"
    elif not kernel and found not in LICENCES:
        yield f"{path}:1: {found} is not a licence of this project"


def kernel_version(path: Path, lines: list[str]) -> Iterator[str]:
    if path.suffix not in {".c", ".h"} or str(path).startswith("src/kernel/compat/"):
        return
    for number, line in enumerate(lines, 1):
        if match := KERNEL_VERSION.search(line):
            yield f"{path}:{number}: {match[0]} belongs in src/kernel/compat"


def shell_function_end(tag: dict) -> int:
    """Ctags does not tell where a shell function ends: at the next lone brace."""
    lines = Path(tag["path"]).read_text().splitlines()
    return next((n for n in range(tag["line"], len(lines) + 1) if lines[n - 1] == "}"), tag["line"])


def function_sizes(paths: list[Path]) -> Iterator[str]:
    """Asks Universal Ctags where functions begin and end."""
    command = ["ctags", "--output-format=json", "--fields=+ne-P", "--kinds-C=f", "--kinds-C++=f",
               "--kinds-Python=fm", "--kinds-Sh=f", "--languages=C,C++,Python,Sh",
               "--langmap=C++:+.hpp", "-G", "-f", "-", "-L", "-"]
    tags = subprocess.run(command, input="\n".join(map(str, paths)), text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    for tag in map(json.loads, tags.splitlines()):
        length = (tag.get("end") or shell_function_end(tag)) - tag["line"] + 1
        if length > MAX_FUNCTION_LINES:
            yield (f"{tag['path']}:{tag['line']}: {tag['name']} has {length} lines, "
                   f"{MAX_FUNCTION_LINES} is the limit")


def breaches(paths: list[Path]) -> Iterator[str]:
    code = []
    for path in paths:
        lines = path.read_text().splitlines()
        for rule in file_size, licence, kernel_version:
            yield from rule(path, lines)
        if is_code(path, lines):
            code.append(path)
    yield from function_sizes(code)


def main() -> int:
    found = list(breaches([Path(line) for line in sys.stdin.read().splitlines()]))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
