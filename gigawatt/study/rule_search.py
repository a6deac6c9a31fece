"""The search for a lab's best rule for orders: a design of rules is tried, then the best is improved along slopes.

Slopes are forward-mode derivatives; a rule that breaks a limit leads halfway back, again and again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc

from gigawatt.decisions.extensive import Limit
from gigawatt.study.rule import Outcomes, Trial, rule_bounds, rule_paths
from gigawatt.study.rule_limit import excess, room, room_slopes

DESIGN = 32  # rules of the first design: a power of two, as the sequence likes it
EVALUATIONS = 8  # rules tried in each improvement
HALVINGS = 6  # of the way from a rule that keeps the limit to the one that is best without it


@dataclass(frozen=True, eq=False)
class Tried:
    """A rule and what it brought, by draw."""

    rule: np.ndarray
    out: Outcomes
    cash: np.ndarray  # at the end of each quarter, (draws, quarters)

    def among(self, draws: np.ndarray | slice) -> "Tried":
        """The same in some of the draws."""
        return Tried(self.rule, Outcomes(*(x[draws] for x in self.out)), self.cash[draws])

    @property
    def value(self) -> float:
        return float(self.out.value.mean())

    @property
    def ruin(self) -> float:
        return self.out.ruin


class Enough(Exception):
    """The evaluations that an improvement may use are used up."""


def most_tried(improvements: int) -> int:
    """Rules that a search tries at most: a design, improvements, and one way halved."""
    return DESIGN + improvements * EVALUATIONS + HALVINGS


def attempt(trial: Trial, rule: np.ndarray) -> Tried:
    """The rule with what it brings in the draws of the trial."""
    return Tried(rule, *trial.outcomes(rule))


def design() -> np.ndarray:
    """The rule that hardly orders, and rules spread over the bounds (a scrambled Sobol' sequence), (rules, numbers)."""
    low, high = rule_bounds().T
    timid = np.where(np.array(list(rule_paths())) == "reach", high, low)
    return np.vstack([timid, low + qmc.Sobol(len(low), rng=0).random(DESIGN) * (high - low)])


def best(tried: Sequence[Tried], limit: Limit | None) -> Tried:
    """The greatest value among the rules that keep the limit, or else the rule nearest to keeping it."""
    kept = [t for t in tried if excess(limit, t.out) <= 0.0]
    return max(kept, key=lambda t: t.value) if kept else min(tried, key=lambda t: excess(limit, t.out))


def between(trial: Trial, safe: Tried, bold: Tried, limit: Limit) -> list[Tried]:
    """Rules on the straight line from one that keeps the limit to one that may not, halving towards where it is met."""
    found: list[Tried] = []
    low, high = safe.rule, bold.rule
    for _ in range(HALVINGS if safe is not bold else 0):
        found.append(attempt(trial, 0.5 * (low + high)))
        kept = excess(limit, found[-1].out) <= 0.0
        low, high = (found[-1].rule, high) if kept else (low, found[-1].rule)
    return found


def improved(trial: Trial, start: Tried, limit: Limit | None) -> list[Tried]:
    """Rules on the way uphill from a start, by sequential quadratic programming."""
    low, high = rule_bounds().T
    span, scale = high - low, max(abs(start.value), 1.0)
    found: dict[bytes, Tried] = {}
    slopes: dict[bytes, Outcomes] = {}

    def at(u: np.ndarray) -> Tried:
        if u.tobytes() not in found:
            if len(found) >= EVALUATIONS:
                raise Enough
            found[u.tobytes()] = attempt(trial, low + np.clip(u, 0.0, 1.0) * span)
        return found[u.tobytes()]

    def slope_at(u: np.ndarray) -> Outcomes:
        if u.tobytes() not in slopes:
            if len(found) >= EVALUATIONS:  # a slope only serves to try one more
                raise Enough
            slopes[u.tobytes()] = trial.slopes(at(u).rule)
        return slopes[u.tobytes()]

    def left(u: np.ndarray) -> float:
        return room(limit, at(u).out)

    def left_slope(u: np.ndarray) -> np.ndarray:
        return room_slopes(limit, at(u).out, slope_at(u)) * span

    try:
        minimize(
            lambda u: -at(u).value / scale,
            (start.rule - low) / span,
            jac=lambda u: -slope_at(u).value.mean(axis=0) * span / scale,
            bounds=[(0.0, 1.0)] * len(low),
            constraints=({"type": "ineq", "fun": left, "jac": left_slope},) if limit else (),
            method="SLSQP",
        )
    except Enough:
        pass
    return list(found.values())
