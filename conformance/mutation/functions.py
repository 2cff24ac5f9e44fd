# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions of a C file, and the statements in them."""

import dataclasses
from collections.abc import Iterator

from mutation import tokens
from mutation.tokens import WORD, Token

# What a statement may begin with that is not an expression.
NO_EXPRESSION = {"if", "for", "while", "do", "switch", "case", "default", "else", "return", "break",
                 "continue", "goto"}
JUMPS = {"break", "continue", "goto"}
CONTROLS = {"if", "for", "while", "switch"}


@dataclasses.dataclass(frozen=True)
class Function:
    """A body: tokens[begin] is its opening brace, tokens[end] the closing one."""

    source: str  # the whole file
    name: str
    returns: str  # void, bool, pointer or number
    tokens: list[Token]
    partners: dict[int, int]
    begin: int
    end: int

    def text(self, index: int) -> str:
        """A token's text."""
        return self.tokens[index].text


@dataclasses.dataclass(frozen=True)
class Statement:
    """Something that ends with a semicolon, which is tokens[end]."""

    kind: str  # expression, jump, return or declaration
    begin: int
    end: int


def _returned(head: list[Token]) -> str:
    words = [token.text for token in head]
    if "*" in words:
        return "pointer"
    return next((word for word in words if word in ("void", "bool")), "number")


def read(source: str) -> list[Function]:
    """All functions, in their order. Where a brace follows a parenthesis outside all others."""
    row = tokens.read(source)
    pairs = tokens.partners(row)
    found, index, since = [], 0, 0
    while index < len(row):
        token = row[index]
        if token.text == "{":
            if index and row[index - 1].text == ")":
                name = pairs[index - 1] - 1
                found.append(Function(source, row[name].text, _returned(row[since:name]), row,
                                      pairs, index, pairs[index]))
                since = pairs[index] + 1
            index = pairs[index]
        elif token.text == ";" or token.kind == tokens.DIRECTIVE:
            since = index + 1
        index += 1
    return found


def _is_declaration(function: Function, begin: int, end: int) -> bool:
    """Two words in a row, or a word and a star at the next one: a type and a name."""
    index = begin
    while index < end and function.tokens[index].kind == WORD:
        index += 1
    if index - begin >= 2:
        return True
    star = index < end and function.text(index) == "*"
    return star and index > begin and not function.tokens[index].spaced


def _kind(function: Function, begin: int, end: int) -> str:
    first = function.text(begin)
    if first == "return" or first in JUMPS:
        return "return" if first == "return" else "jump"
    return "declaration" if _is_declaration(function, begin, end) else "expression"


def _skip_head(function: Function, index: int) -> int:
    """Behind what stands before a statement, as if (…), else, a label; or index itself."""
    text = function.text(index)
    if text in CONTROLS or text.startswith(("list_for_each", "hlist_for_each")):
        return function.partners[index + 1] + 1
    if text in ("else", "do", "{", "}"):
        return index + 1
    is_label = function.tokens[index].kind == WORD and function.text(index + 1) == ":"
    if is_label or text == "default":
        return index + 2
    if text == "case":
        while function.text(index) != ":":
            index += 1
        return index + 1
    return index


def statements(function: Function) -> Iterator[Statement]:
    """All that end with a semicolon, in their order."""
    index = function.begin + 1
    while index < function.end:
        behind = _skip_head(function, index)
        if behind != index:
            index = behind
            continue
        begin = index
        while function.text(index) != ";":
            index = max(index, function.partners.get(index, 0)) + 1
        if index > begin:
            yield Statement(_kind(function, begin, index), begin, index)
        index += 1
