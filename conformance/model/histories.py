# SPDX-License-Identifier: GPL-2.0-or-later
"""Random histories, made of phrases: most knock somewhere in earnest, and some do it wrong.

What comes first in a list is what a history shrinks to.
"""

from hypothesis import strategies as st

from harness.net import V4, V6, Family
from model.rules import PROBE, Rule
from model.steps import (MASKS, SOURCES, Again, Clock, History, Knock, Load, Rest, Segment, Spa,
                         Step, Wait)

PORTS = ["tcp/2001", "tcp/2002", "udp/2001", "tcp/2003", "udp/2003"]
TOKEN_PORTS = ["udp/2000", "udp/2003"]
PROBE_PORT = f"tcp/{PROBE}"
ELSEWHERE = [PROBE_PORT, "udp/53", "tcp/2000"]
NAMES = ["A", "A", "A", "B"]
CLIENTS = st.integers(0, len(SOURCES[V4]) - 1)
TIMES = [None, None, 1, 2, 100]
MINUTES = [0, 1, 2, 5, 7, 11, -1, -6, 600]
SELDOM = [False, False, True]


def _options(family: Family) -> dict[str, st.SearchStrategy]:
    """What any rule may have."""
    return {"name": st.sampled_from(NAMES), "once": st.sampled_from(SELDOM),
            "mask": st.sampled_from([None, None, None, *MASKS[family]])}


def _protocol(ports: tuple[str, ...]) -> st.SearchStrategy:
    """A -p that lets the sequence be heard, or none."""
    protocols = {port.partition("/")[0] for port in ports}
    return st.sampled_from(["", *protocols] if len(protocols) == 1 else [""])


@st.composite
def _sequences(draw: st.DrawFn, family: Family) -> Rule:
    ports = tuple(draw(st.lists(st.sampled_from(PORTS), min_size=1, max_size=4)))
    protocol = draw(_protocol(ports))
    guards = ["", "after"] if protocol == "tcp" else [""]
    return draw(st.builds(
        Rule, **_options(family), ports=st.just(ports), protocol=st.just(protocol),
        guard=st.sampled_from(guards), time=st.sampled_from(TIMES),
        strict=st.booleans(), ttl=st.sampled_from(TIMES)))


def _token_rules(family: Family) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule, **_options(family), ports=st.sampled_from([(port,) for port in TOKEN_PORTS]),
        secrets=st.sampled_from([0, 0, 1]), protocol=st.sampled_from(["", "udp"]),
        strict=st.sampled_from(SELDOM), ttl=st.sampled_from(TIMES),
        skew=st.sampled_from([None, 0, 1, 5]))


def _check_rules(family: Family) -> st.SearchStrategy[Rule]:
    guarded = st.builds(Rule, **_options(family), protocol=st.just("tcp"),
                        guard=st.sampled_from(["before", "after", ""]))
    return guarded | st.builds(Rule, **_options(family))


def _rules(family: Family) -> st.SearchStrategy[list[Rule]]:
    rule = st.one_of(_sequences(family), _sequences(family), _token_rules(family),
                     _token_rules(family), _check_rules(family))
    return st.lists(rule, min_size=1, max_size=4)


@st.composite
def _rule_sets(draw: st.DrawFn, family: Family) -> list[list[Rule]]:
    """Rules, and what they may be changed to: much of it the same."""
    first = draw(_rules(family))
    found = [first]
    for _ in range(draw(st.integers(0, 2))):
        kept = [rule for rule in first if draw(st.booleans())]
        order = draw(st.permutations([*kept, *draw(_rules(family))]))
        found.append(list(order[:5]))
    return found


@st.composite
def _walk(draw: st.DrawFn, sequences: list[Rule]) -> list[Step]:
    """Knocks of a sequence in order, perhaps with something between them."""
    rule, client = draw(st.sampled_from(sequences)), draw(CLIENTS)
    steps: list[Step] = []
    for port in rule.ports:
        steps.append(Knock(client, port))
        between = draw(st.sampled_from([None] * 12 + ["again", "wrong", "wait", "late"]))
        if between == "again":
            steps.append(Again(client))
        elif between == "wrong":
            steps.append(Knock(client, draw(st.sampled_from(PORTS + ELSEWHERE))))
        elif between:
            steps.append(Wait(between == "late"))
    return [*steps, *draw(_probes(client))]


def _probes(client: int) -> st.SearchStrategy[list[Step]]:
    """What an open source might do next."""
    probe = st.sampled_from([Knock(client, PROBE_PORT), Knock(client, "udp/53"), Again(client),
                             Segment(client, PROBE_PORT, "A"), Segment(client, "tcp/2001", "SA")])
    return st.lists(probe, max_size=2)


@st.composite
def _tokens(draw: st.DrawFn, rules: list[Rule]) -> list[Step]:
    """An open or a close token, as a rule wants it, or nearly so."""
    rule, client = draw(st.sampled_from(rules)), draw(CLIENTS)
    kind = draw(st.sampled_from(["open", "open", "close"]))
    clock = draw(st.sampled_from([None] * 6 + MINUTES))
    minute = (clock or 0) + draw(st.sampled_from([0, 0, 0, 1, -1, 2, 5, 6, -5]))
    port, secrets, stolen = rule.ports[0], rule.secrets, None
    flaw = draw(st.sampled_from([None] * 9 + ["port", "secrets", "stolen"]))
    if flaw == "port":
        port = draw(st.sampled_from([*TOKEN_PORTS, "udp/53"]))
    elif flaw == "secrets":
        secrets = 1 - secrets
    elif flaw == "stolen":
        stolen = draw(CLIENTS)
    token = Spa(client, kind, secrets, minute, port, stolen)
    before = [] if clock is None else [Clock(clock)]
    after = draw(_probes(client))
    if draw(st.sampled_from([False] * 20 + [True])):
        # It is forgotten, and then its minute comes again.
        after = [Clock(minute + 600), Rest(), Clock(minute), token]
    return before + [token] * draw(st.sampled_from([1, 1, 1, 2])) + after


@st.composite
def _anything(draw: st.DrawFn) -> list[Step]:
    return [Knock(draw(CLIENTS), draw(st.sampled_from(PORTS + ELSEWHERE + TOKEN_PORTS)))]


def _phrases(rule_sets: list[list[Rule]]) -> st.SearchStrategy[list[Step]]:
    rules = [rule for rule_set in rule_sets for rule in rule_set]
    sequences = [rule for rule in rules if rule.ports and rule.secrets is None]
    tokens = [rule for rule in rules if rule.secrets is not None]
    # Nothing, first: what is not needed for a divergence shrinks to that.
    choices = [st.just([]), _anything()]
    if sequences:
        choices += 4 * [_walk(sequences)]
    if tokens:
        choices += 4 * [_tokens(tokens)]
        choices.append(st.builds(Clock, st.sampled_from(MINUTES))
                       .map(lambda step: [step]))
    if len(rule_sets) > 1:
        choices.append(st.builds(Load, st.integers(0, len(rule_sets) - 1), st.sampled_from(SELDOM))
                       .map(lambda step: [step]))
    choices.append(st.builds(Wait, st.booleans()).map(lambda step: [step]))
    return st.one_of(choices)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any history."""
    family = draw(st.sampled_from([V4, V6]))
    rule_sets = draw(_rule_sets(family))
    phrases = draw(st.lists(_phrases(rule_sets), min_size=10, max_size=20))
    return History(family, rule_sets, [step for phrase in phrases for step in phrase])
