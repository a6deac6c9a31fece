"""An acceptance case and its rows: what is compared, with what, and how near it must come.

Every number in a case is a fact of the register, the output of a law, or the printed figure of the case that
is to be met; nothing is fitted here. A printed figure is met within half of its last digit. A case breaks when
its law breaks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

# Relative room for rounding in float64, over and above the tolerance of a row.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Check:
    """One comparison. `expected` is a number, True, or an interval (low, high) to lie in, ends included."""

    what: str
    expected: float | bool | tuple[float, float]
    computed: float | bool
    tolerance: float = 0.0
    unit: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        if isinstance(self.expected, bool):
            return bool(self.computed) is self.expected
        low, high = self.expected if isinstance(self.expected, tuple) else (self.expected, self.expected)
        room = self.tolerance + ROUNDING * max(1.0, abs(low), abs(high))
        return low - room <= self.computed <= high + room  # false for not-a-number


@dataclass(frozen=True)
class Result:
    """The verdict on one acceptance case: "pass", "fail" or "not built"."""

    id: str
    grade: str
    title: str
    rows: tuple[Check, ...]
    verdict: str


@dataclass(frozen=True)
class Case:
    """One acceptance case; `rows` is None while the mechanism it needs is not built."""

    id: str
    grade: str
    title: str
    rows: Callable[[], Iterable[Check]] | None = None


BUILT: dict[str, Case] = {}


def case(id: str, grade: str, title: str):
    """Register a function that yields the rows of acceptance case `id`."""

    def register(rows):
        if id in BUILT:
            raise ValueError(f"Acceptance case {id} is written twice: {BUILT[id].rows} and {rows}")
        BUILT[id] = Case(id, grade, title, rows)
        return rows

    return register


def number(value: Any) -> float:
    return float(jnp.asarray(value))


def exactly(what: str, expected: Any, computed: Any, unit: str = "", note: str = "") -> Check:
    """An exact figure."""
    return Check(what, float(expected), number(computed), 0.0, unit, note)


def printed(what: str, expected: Any, computed: Any, last_digit: float, unit: str = "", note: str = "") -> Check:
    """A figure printed to `last_digit`; the note says what the law gives beyond it."""
    figure, value = float(expected), number(computed)
    gap = value - figure
    if abs(gap) > ROUNDING * max(1.0, abs(figure)):
        rounding = f"the law gives {value:.7g}, {gap:+.2g} from the printed figure"
        note = f"{note}; {rounding}" if note else rounding
    return Check(what, figure, value, 0.5 * last_digit, unit, note)


def inside(what: str, low: Any, high: Any, computed: Any, unit: str = "", note: str = "") -> Check:
    return Check(what, (float(low), float(high)), number(computed), 0.0, unit, note)


def holds(what: str, computed: Any, note: str = "") -> Check:
    return Check(what, True, bool(jnp.all(jnp.asarray(computed))), 0.0, "", note)
