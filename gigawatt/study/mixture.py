"""Mixtures: the scenarios that lie between two, with some of their differences made and others not.

Numbers that belong to laws which only one scenario uses have no meaning without them: they move with the laws as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from gigawatt.core.errors import InputError
from gigawatt.core.scenario import Scenario
from gigawatt.study.compare import Difference, differences

NEVER = "9999-12"  # a lever or hold that begins then does nothing, yet what is compiled stays the same
MOST_LAWS = 3  # that move one by one: each set of laws compiles anew


def strangers(a: Scenario, b: Scenario) -> set[str]:
    """Numbers, levers and holds of either scenario that the laws of only one of them know."""
    known = [{*s.world().numbers(), *s.world().signals} for s in (a, b)]
    names = {n: 2 for s in (a, b) for n in (*s.set, *s.lever)} | {n: 1 for s in (a, b) for n in s.hold}
    return {n for n, parts in names.items() if not all(subject(n, parts) in either for either in known)}


def players(a: Scenario, b: Scenario, apart: set[str]) -> list[tuple[Difference, ...]]:
    """The differences of two scenarios that can be made one by one; those that cannot stand together.

    Numbers under one path are one player, however many labels. Laws are one each if every mixture of them is a world,
    otherwise one together, with axes and what lies `apart`, known to the laws of only one.
    """
    laws: list[Difference] = []
    single: dict[tuple[str, str], list[Difference]] = {}
    for d in [*differences(a.recipe(), b.recipe()), *unseen(a, b)]:
        if d.kind in ("mechanism", "axis") or d.name in apart:
            laws.append(d)
        else:
            single.setdefault((d.kind, subject(d.name, 1 if d.kind == "hold" else 2)), []).append(d)
    each = 1 < len(laws) <= MOST_LAWS and all(d.kind == "mechanism" for d in laws) and fit(a, b, laws, apart)
    return [*([(d,) for d in laws] if each else [tuple(laws)] if laws else []), *map(tuple, single.values())]


def unseen(a: Scenario, b: Scenario) -> list[Difference]:
    """Numbers that differ by less than `differences` writes, or in shape only, so that nothing goes unattributed."""
    seen = {d.name for d in differences(a.recipe(), b.recipe())}
    rows = [(p, a.table.get(p), b.table.get(p)) for p in sorted({*a.set, *b.set} - seen)]
    return [
        Difference("number", p, f"{x.value!r} {x.shape}", f"{y.value!r} {y.shape}")
        for p, x, y in rows
        if x and y and (x.value, x.low, x.high, x.shape) != (y.value, y.low, y.high, y.shape)
    ]


def fit(a: Scenario, b: Scenario, laws: Sequence[Difference], apart: set[str]) -> bool:
    """Whether every mixture of laws is a world."""
    try:
        for size in range(len(laws) + 1):
            for some in combinations(laws, size):
                mixed(a, b, some, apart)
    except InputError:
        return False
    return True


def mixed(a: Scenario, b: Scenario, moved: Sequence[Difference], apart: set[str]) -> Scenario:
    """Scenario `a` with some of the differences made; with all of them it computes what `b` does.

    Levers and holds of either are there in every mixture, some from a date that never comes, so that one compiled code
    serves all mixtures of the same laws. Raises InputError where the laws make no world.
    """
    laws = [d for d in moved if d.kind == "mechanism"]
    along = apart if laws or any(d.kind == "axis" for d in moved) else set()
    names = {kind: {d.name for d in moved if d.kind == kind} | along for kind in ("number", "lever", "hold")}
    now = replace(
        a,
        use=laws_of(a.use, b.use, laws),
        axes=b.axes if any(d.kind == "axis" for d in moved) else a.axes,
        set=chosen(a.set, b.set, names["number"]),
        lever=chosen(a.lever, b.lever, names["lever"]),
        hold=chosen(a.hold, b.hold, names["hold"]),
    )
    world = now.world()
    return replace(
        now,
        lever={**idle({**a.lever, **b.lever}, now.lever, set(world.numbers()), 2), **now.lever},
        hold={**idle({**a.hold, **b.hold}, now.hold, set(world.signals), 1), **now.hold},
    )


def chosen(a: Mapping[str, Any], b: Mapping[str, Any], moved: set[str]) -> dict[str, Any]:
    """What `a` says, but of the names in `moved` what `b` says, if anything."""
    return {n: x for n, x in a.items() if n not in moved} | {n: x for n, x in b.items() if n in moved}


def idle(every: Mapping[str, Any], active: Mapping[str, Any], known: set[str], parts: int) -> dict[str, Any]:
    """Levers or holds of subjects that are known and not active, from a date that never comes. parts: of a subject."""
    subjects = {subject(name, parts) for name in active}
    wanted = {n: x for n, x in every.items() if subject(n, parts) in known - subjects}
    return {n: {NEVER: next(iter(dated.values()))} for n, dated in wanted.items()}


def subject(name: str, parts: int) -> str:
    """A name without its label: the first parts of its path."""
    return ".".join(name.split(".")[:parts])


def laws_of(a: Sequence[str], b: Sequence[str], moved: Sequence[Difference]) -> tuple[str, ...]:
    """Mechanisms of `a` with some rows of `differences` made, in the place of the old ones or where `b` has them."""
    now = list(a)
    for row in moved:
        old, new = ([n.strip() for n in text.split(",") if n.strip()] for text in (row.a, row.b))
        place = now.index(old[0]) if old else 1 + max(now.index(n) for n in b[: b.index(new[0])] if n in now)
        now = [n for n in now[:place] if n not in old] + new + [n for n in now[place:] if n not in old]
    return tuple(b) if set(now) == set(b) else tuple(now)


def told(group: Sequence[Difference]) -> tuple[str, str, str, str]:
    """(kind, name, a, b) of a player; of several differences together, all of them."""
    kind = "laws" if any(d.kind in ("mechanism", "axis") for d in group) else group[0].kind
    names = ", ".join(d.name for d in group)
    a, b = ("; ".join(text or "none" for text in texts) for texts in zip(*((d.a, d.b) for d in group), strict=True))
    return kind, names, a, b
