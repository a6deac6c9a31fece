"""Attribution: why two scenarios differ in one number, split among the differences between them.

Each difference (a number, a lever, a hold, a law) is a player, and its effect the Shapley value: what making it moves
the signal, averaged over all orders in which the differences can be made one after another (Shapley 1953). It is the one
split that adds up exactly, gives nothing to a difference that does nothing, treats like differences alike and does not
hang on the order. Up to EXACT players all subsets are run; above, orders are drawn, each with its reverse, which adds up
exactly too and leaves an error that is told.

Numbers that belong to laws which only one scenario uses have no meaning without them: they move with the laws as one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.run import run_arrays
from gigawatt.core.scenario import Scenario, load
from gigawatt.study.compare import Difference, differences
from gigawatt.study.target import Target, kept_for, middle, target

EXACT = 6  # players up to which all subsets are run: 64 runs
PAIRS = 8  # orders that are drawn for more players, each with its reverse
NEVER = "9999-12"  # a lever or hold that begins then does nothing, yet what is compiled stays the same
Subset = frozenset[int]


@dataclass(frozen=True)
class Step:
    """The effect of one player. error: standard error where orders were drawn, otherwise zero. [unit of the signal]"""

    kind: str
    name: str
    a: str
    b: str
    effect: float
    error: float


@dataclass(frozen=True)
class Attribution:
    """The change of a target from `a` to `b`, and its parts, the largest first. runs: how many it took."""

    a: str
    b: str
    target: Target
    draws: int
    seed: int
    start: float
    end: float
    steps: tuple[Step, ...]
    exact: bool
    runs: int

    @property
    def rest(self) -> float:
        """What the parts leave of the change: rounding, and nothing else."""
        return self.end - self.start - sum(s.effect for s in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, as `gigawatt why --against --json` prints them."""
        plain = {key: getattr(self, key) for key in ("a", "b", "draws", "seed", "exact", "runs", "rest")}
        steps = [vars(step) for step in self.steps]
        return {**self.target.to_dict(), **plain, "from": self.start, "to": self.end, "steps": steps}


def attribute(
    a: str | Scenario,
    b: str | Scenario,
    signal: str = "industry_revenue",
    label: str | None = None,
    at: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Attribution:
    """Split the change of a signal's median (share of yes for yes or no) from `a` to `b` at the end of a month.

    All runs share draws and luck. at: YYYY-MM, the last common month if None. progress: (runs done, at most).
    Raises InputError where the scenarios begin at different dates, or what `target` refuses.
    """
    a, b = load(a), load(b)
    if (a.begin, a.steps_per_year) != (b.begin, b.steps_per_year):
        raise InputError(f"{a.name} and {b.name} begin or step at different times: compare scenarios that share them.")
    end = min(a.end, b.end)
    a, b = replace(a, end=end), replace(b, end=end)
    about, there = target(a, signal, label, at), target(b, signal, label, at)
    apart = strangers(a, b)
    found = players(a, b, apart)
    most = 2 ** len(found) if len(found) <= EXACT else 2 * PAIRS * (len(found) - 1) + 2
    known: dict[Subset, float] = {}

    def value(moved: Subset) -> float:
        if moved not in known:
            scenario = mixed(a, b, [d for i in sorted(moved) for d in found[i]], apart)
            world = scenario.world()
            place = there if scenario.axes == b.axes else about
            known[moved] = middle(place.values(run_arrays(scenario, world, draws, seed, kept_for(world, signal))))
            if progress:
                progress(len(known), most)
        return known[moved]

    everything = frozenset(range(len(found)))
    start, finish = value(frozenset()), value(everything)
    effects, errors = shapley(value, len(found), seed)
    steps = [Step(*told(group), effect, error) for group, effect, error in zip(found, effects, errors, strict=True)]
    steps.sort(key=lambda s: -abs(s.effect))
    exact = len(found) <= EXACT
    return Attribution(a.name, b.name, about, draws, seed, start, finish, tuple(steps), exact, len(known))


def shapley(
    value: Callable[[Subset], float], players: int, seed: int = 0, exact: int = EXACT, pairs: int = PAIRS
) -> tuple[list[float], list[float]]:
    """Shapley values of a game (effect of each player) and their standard errors, zero where they are exact.

    value: worth of a set of players. Exact for at most `exact` players; otherwise means over `pairs` of random orders
    and their reverses (antithetic: Mitchell, Cooper, Frank & Holmes 2022, JMLR 23:43). Either way they add up to the
    worth of all less that of none.
    """
    if players <= exact:
        effects = np.zeros(players)
        for i in range(players):
            others = [j for j in range(players) if j != i]
            for size in range(players):
                weight = factorial(size) * factorial(players - size - 1) / factorial(players)
                for chosen in combinations(others, size):
                    effects[i] += weight * (value(frozenset((*chosen, i))) - value(frozenset(chosen)))
        return effects.tolist(), [0.0] * players
    rng = np.random.default_rng(seed)
    drawn = np.zeros((pairs, players))
    for k in range(pairs):
        order = rng.permutation(players).tolist()
        for way in (order, order[::-1]):
            worth = [value(frozenset(way[:n])) for n in range(players + 1)]
            drawn[k, way] += np.diff(worth) / 2
    return drawn.mean(axis=0).tolist(), (drawn.std(axis=0, ddof=1) / np.sqrt(pairs)).tolist()


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
    each = 1 < len(laws) <= EXACT and all(d.kind == "mechanism" for d in laws) and fit(a, b, laws, apart)
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
    """Mechanisms of `a` with some rows of `differences` made, in the place of what they replace or where `b` has them."""
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
