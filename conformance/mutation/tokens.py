# SPDX-License-Identifier: GPL-2.0-or-later
"""C as a row of tokens, as far as breaking it needs to know: no preprocessing, no types.

What is binary and what is unary is told by the spaces around it, which clang-format sets.
"""

import dataclasses
import re

WORD, NUMBER, CHARACTER, STRING, PUNCTUATION, DIRECTIVE = (
    "word", "number", "character", "string", "punctuation", "directive")

PATTERN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<directive>(?<![^\n])[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<number>\d[\w.]*)
      | (?P<character>'(?:\\.|[^'\\])+')
      | (?P<string>"(?:\\.|[^"\\])*")
      | (?P<punctuation><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL)
BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclasses.dataclass(frozen=True)
class Token:
    """A piece of the source, and where it begins and ends there."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool  # white space before it and behind it


def read(source: str) -> list[Token]:
    """All tokens; comments and white space are none, a directive is one."""
    found = []
    for match in PATTERN.finditer(source):
        if match.lastgroup in (None, "space"):
            continue
        start, end = match.span()
        spaced = source[start - 1:start].isspace() and source[end:end + 1].isspace()
        found.append(Token(match.lastgroup, match[0], start, end, spaced))
    return found


def partners(tokens: list[Token]) -> dict[int, int]:
    """For the index of each bracket that of its other half, both ways."""
    found, waiting = {}, []
    for index, token in enumerate(tokens):
        if token.kind != PUNCTUATION:
            continue
        if token.text in BRACKETS:
            waiting.append(index)
        elif token.text in BRACKETS.values():
            opened = waiting.pop()
            if BRACKETS[tokens[opened].text] != token.text:
                raise ValueError(f"{tokens[opened].text} closed by {token.text}")
            found[opened], found[index] = index, opened
    if waiting:
        raise ValueError("a bracket is not closed")
    return found
