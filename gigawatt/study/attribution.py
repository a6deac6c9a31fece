"""Attribution: why two scenarios differ in one number, split among the differences between them (mixture.py).

Each difference (a number, a lever, a hold, a law) is a player, and its effect the Shapley value: what making it moves
the signal, averaged over all orders in which the differences can be made one after another (Shapley 1953). It is the
one split that adds up exactly, gives nothing to a difference that does nothing, treats like differences alike and does
not hang on the order. Up to EXACT players all subsets are run; above, orders are drawn, each with its reverse, which
adds up exactly too and leaves an error that is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.run import run_arrays
from gigawatt.core.scenario import Scenario, load
from gigawatt.study.mixture import mixed, players, strangers, told
from gigawatt.study.target import Target, kept_for, middle, target

EXACT = 6  # players up to which all subsets are run: 64 runs
PAIRS = 8  # orders that are drawn for more players, each with its reverse
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
