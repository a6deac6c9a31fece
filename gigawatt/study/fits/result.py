"""What a fit tells: estimates beside published values, data to draw, a forecast that can be scored, entries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.study.score import central_interval, crps_ensemble, is_covered

LEVEL = 0.9  # of every interval that is told


@dataclass(frozen=True)
class Published:
    """A value that somebody else gave for the same quantity. source: key in params/sources.toml.

    low, high: the interval of the source, of the kind named in `interval`; not a number where it gives none.
    """

    value: float
    source: str
    low: float = np.nan
    high: float = np.nan
    interval: str = ""


@dataclass(frozen=True)
class Estimate:
    """One number that was fitted. `low` and `high` are the 5th and 95th percentiles.

    entry: path of the entry that this number is written to, if any, in the unit `unit` and with the shape `shape`.
    why: what explains a difference from the published value.
    """

    name: str
    meaning: str
    unit: str
    value: float
    low: float
    high: float
    published: Published | None = None
    why: str = ""
    entry: str = ""
    shape: str = "normal"


@dataclass(frozen=True)
class Points:
    """Observations to draw, with intervals where the source gives them; held_out: not used by the fit."""

    label: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    held_out: bool = False


@dataclass(frozen=True)
class Line:
    """A fitted curve to draw, with its 90 % band where it has one."""

    label: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Panel:
    """One picture of a fit. Scales: 'linear', 'log', and for y 'logit' (shares). x may be 'date' (calendar years)."""

    title: str
    x_label: str
    y_label: str
    points: tuple[Points, ...]
    lines: tuple[Line, ...] = ()
    x_scale: str = "linear"
    y_scale: str = "linear"


@dataclass(frozen=True)
class Score:
    """How a forecast met observations that it had not seen. Values in the unit of the law's outcome.

    covered: by level, whether each lies in the central band. crps: of each, on the scale of the fit (log or linear).
    """

    x: np.ndarray
    label: tuple[str, ...]
    observed: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    covered: Mapping[float, np.ndarray]
    crps: np.ndarray

    def coverage(self, level: float = LEVEL) -> float:
        """Share of the observations inside the central band of this level. [share]"""
        return float(np.mean(self.covered[level]))


@dataclass(frozen=True)
class Fit:
    """A law fitted on data.

    law: the equation in one line. method: how it was fitted, in one line. data: files and rows used.
    until: last date of the data used ('' for all). statistics: n, loss, p-values and the like.
    panels: the data with the law; residuals: what is left, as a panel of its own. notes: differences, explained.
    forecast: (x, draws, seed) -> (draws, x) of the outcome with all uncertainty, where the law forecasts one;
    to_scale: the scale on which its error is measured, such as np.log.
    held: the score of the data after `until`, where there are any.
    """

    name: str
    title: str
    law: str
    method: str
    data: str
    estimates: tuple[Estimate, ...]
    panels: tuple[Panel, ...]
    residuals: Panel
    statistics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    until: str = ""
    forecast: Callable[[np.ndarray, int, int], np.ndarray] | None = None
    to_scale: Callable[[np.ndarray], np.ndarray] = np.asarray
    held: Score | None = None

    def __getitem__(self, name: str) -> Estimate:
        """The estimate of this name. Raises InputError for another."""
        found = {e.name: e for e in self.estimates}
        if name not in found:
            raise InputError(f"fit {self.name} has no estimate '{name}': it has {', '.join(found)}.")
        return found[name]

    def predict(self, x: Any, level: float = LEVEL, draws: int = 4000, seed: int = 0) -> tuple[np.ndarray, ...]:
        """(low, median, high) of the outcome at `x`: the central band of this level, new observations included."""
        members = self.members(x, draws, seed)
        low, high = central_interval(members, level)
        return low, np.median(members, axis=0), high

    def score(self, x: Any, observed: Any, label: tuple[str, ...] = (), draws: int = 4000, seed: int = 0) -> Score:
        """How the forecast at `x` meets `observed`, which may be data that came later."""
        x, observed = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(observed, float))
        members = self.members(x, draws, seed)
        low, high = central_interval(members, LEVEL)
        covered = {level: is_covered(members, observed, level) for level in (0.5, LEVEL)}
        crps = np.asarray(crps_ensemble(self.to_scale(members), self.to_scale(observed)))
        return Score(x, label, observed, np.median(members, axis=0), low, high, covered, crps)

    def members(self, x: Any, draws: int, seed: int) -> np.ndarray:
        if self.forecast is None:
            raise InputError(f"fit {self.name} forecasts nothing: its law has no date.")
        return self.forecast(np.atleast_1d(np.asarray(x, float)), draws, seed)

    def entries(self) -> dict[str, dict[str, Any]]:
        """The fitted numbers as entries, by path: what params/*.toml or a scenario's [set] takes."""
        return {
            e.entry: {
                "value": e.value,
                "unit": e.unit,
                "range": [e.low, e.high],
                "shape": e.shape,
                "source": list(self.sources),
                "place": f"gigawatt fit {self.name}: {e.meaning}",
                "grade": "fitted",
            }
            for e in self.estimates
            if e.entry
        }
