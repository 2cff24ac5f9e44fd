# SPDX-License-Identifier: GPL-2.0-or-later
"""What is broken: each operator proposes changes to a function's text."""

import re
from collections.abc import Iterator

from mutation import functions, tokens
from mutation.functions import Function, Statement

# start, end, what stands there instead
Change = tuple[int, int, str]

SWAPS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
    "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
    "+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["/"],
    "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["|"],
    "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="],
}
STEPS = {"++": "--", "--": "++"}
WORDS = {"true": "false", "false": "true"}
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)$")
OCTAL = re.compile(r"0[0-7]+$")

# Calls that are left alone, and why. Names are matched whole.
EXCLUDED = {
    r"lockdep_assert_\w+|might_sleep|WARN_ON\w*":
        "says what holds, does nothing: the debug kernels look at it",
    r"(spin|mutex|rcu)_(un|read_(un)?)?lock(_bh)?|(spin_lock|mutex)_init":
        "a lock that is missing shows in a race only: the debug kernels and sparse look at them",
    r"rcu_barrier|synchronize_rcu|cond_resched":
        "when something happens, not what: the debug kernels look at it",
    r"memzero_explicit|kfree_sensitive|pr_debug":
        "nothing that can be told from outside: memory given back, a log that is off",
}
EXCLUDED_CALL = re.compile("|".join(f"(?:{names})" for names in EXCLUDED))


def _swap_operators(function: Function) -> Iterator[Change]:
    for token in _body(function):
        if token.kind == tokens.PUNCTUATION and token.spaced:
            for other in SWAPS.get(token.text, ()):
                yield token.start, token.end, other
        elif token.text in STEPS:
            yield token.start, token.end, STEPS[token.text]


def _swap_constants(function: Function) -> Iterator[Change]:
    for token in _body(function):
        if token.text in WORDS:
            yield token.start, token.end, WORDS[token.text]
        elif token.kind == tokens.CHARACTER:
            yield token.start, token.end, f"({token.text} + 1)"
            yield token.start, token.end, f"({token.text} - 1)"
        elif token.kind == tokens.NUMBER and (number := NUMBER.match(token.text)):
            value = int(number[1], 8 if OCTAL.match(number[1]) else 0)
            for other in (value - 1, value + 1):
                if other >= 0:
                    yield token.start, token.end, f"{other}{number[2]}"


def _drop_unary(function: Function) -> Iterator[Change]:
    for token in _body(function):
        if token.kind == tokens.PUNCTUATION and token.text in ("!", "~"):
            yield token.start, token.end, ""


def _negation(function: Function, begin: int, end: int) -> Change | None:
    """Of the expression of tokens begin to end, which is excluded."""
    if begin >= end:
        return None
    source = function.source[function.tokens[begin].start:function.tokens[end - 1].end]
    return function.tokens[begin].start, function.tokens[end - 1].end, f"!({source})"


def _condition(function: Function, index: int) -> tuple[int, int]:
    """Of if, while and for at index: the tokens between brackets, or between semicolons."""
    begin, end = index + 2, function.partners[index + 1]
    if function.text(index) == "for":
        first, second = (at for at in range(begin, end) if function.text(at) == ";")
        begin, end = first + 1, second
    return begin, end


def _negate_conditions(function: Function) -> Iterator[Change]:
    for index in range(function.begin, function.end):
        if function.text(index) in ("if", "while", "for"):
            change = _negation(function, *_condition(function, index))
        elif function.text(index) == "?" and function.text(index + 1) != ":":
            change = _negation(function, _ternary_begin(function, index), index)
        else:
            continue
        if change:
            yield change


def _ternary_begin(function: Function, index: int) -> int:
    """Where the condition begins whose question mark is at index."""
    while index > function.begin:
        before = index - 1
        if function.text(before) in (")", "]"):
            before = function.partners[before]
        elif function.text(before) in ("(", "[", "{", ",", ";", "=", "+=", "?", ":", "return"):
            break
        index = before
    return index


def _is_excluded(function: Function, statement: Statement) -> bool:
    return bool(EXCLUDED_CALL.fullmatch(function.text(statement.begin)))


def _drop_statements(function: Function) -> Iterator[Change]:
    found = list(functions.statements(function))
    for statement in found:
        last_return = statement.kind == "return" and statement is found[-1]
        if statement.kind == "declaration" or last_return or _is_excluded(function, statement):
            continue
        yield function.tokens[statement.begin].start, function.tokens[statement.end].start, ""


def _change_returns(function: Function) -> Iterator[Change]:
    others = {"bool": ["true", "false"], "pointer": ["NULL"], "number": ["0"], "void": []}
    for statement in functions.statements(function):
        if statement.kind == "return" and statement.end > statement.begin + 1:
            start = function.tokens[statement.begin + 1].start
            end = function.tokens[statement.end].start
            for other in others[function.returns]:
                if function.source[start:end] != other:
                    yield start, end, other


def _body(function: Function) -> Iterator[tokens.Token]:
    """A body's tokens, but for what excluded calls get."""
    index = function.begin
    while index < function.end:
        if EXCLUDED_CALL.fullmatch(function.text(index)) and function.text(index + 1) == "(":
            index = function.partners[index + 1]
        yield function.tokens[index]
        index += 1


OPERATORS = [_swap_operators, _swap_constants, _drop_unary, _negate_conditions, _drop_statements,
             _change_returns]


def changes(function: Function) -> list[Change]:
    """All that is proposed for a function, in the order of the text, each once."""
    found = {change for operator in OPERATORS for change in operator(function)}
    return sorted(found)
