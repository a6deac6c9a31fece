"""Proper scores: how well a forecast distribution met what came, in one number (lower is better).

Gneiting & Raftery (2007), Journal of the American Statistical Association 102:359-378. A score is proper when
nobody gains by stating another distribution than the one believed; width alone earns nothing.
Observations and parameters may be arrays and broadcast; an ensemble lies along the first axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from gigawatt.core.errors import InputError

Numbers = float | np.ndarray
Members = Sequence[Any] | np.ndarray


def crps_ensemble(members: Members, observed: Numbers) -> Numbers:
    """Continuous ranked probability score of an ensemble: E|X - y| - E|X - X'| / 2. [unit of the forecast]

    The energy form over all pairs of members, itself included, in O(n log n): with members sorted,
    sum_ij |x_i - x_j| = 2 sum_i (2 i - n - 1) x_i for i = 1..n. `members` (n, ...), `observed` (...).
    Raises InputError for an empty ensemble.
    """
    x = np.sort(_ensemble(members), axis=0)
    n = len(x)
    rank = (2.0 * np.arange(1, n + 1) - n - 1.0).reshape(-1, *[1] * (x.ndim - 1))
    return np.abs(x - observed).mean(axis=0) - (rank * x).sum(axis=0) / n**2


def crps_normal(mean: Numbers, sd: Numbers, observed: Numbers) -> Numbers:
    """The same score of a normal distribution, in closed form: Gneiting et al. (2005), MWR 133:1098, eq. 5."""
    z = (observed - mean) / sd
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    return sd * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))


def crps_lognormal(mean_log: Numbers, sd_log: Numbers, observed: Numbers) -> Numbers:
    """The same score of a lognormal, on its own scale: Baran & Lerch (2015), QJRMS 141:2289, eq. 6.

    `mean_log` and `sd_log` are of the logarithm; `observed` is positive.
    """
    w = (np.log(observed) - mean_log) / sd_log
    mean = np.exp(mean_log + 0.5 * sd_log**2)
    return observed * (2.0 * ndtr(w) - 1.0) - 2.0 * mean * (ndtr(w - sd_log) + ndtr(sd_log / np.sqrt(2.0)) - 1.0)


def log_score_normal(mean: Numbers, sd: Numbers, observed: Numbers) -> Numbers:
    """Minus the log density of a normal distribution at what was observed. [nats]"""
    z = (observed - mean) / sd
    return 0.5 * z**2 + np.log(sd) + 0.5 * np.log(2.0 * np.pi)


def log_score_lognormal(mean_log: Numbers, sd_log: Numbers, observed: Numbers) -> Numbers:
    """Minus the log density of a lognormal distribution at what was observed. [nats]"""
    log = np.log(observed)
    return log_score_normal(mean_log, sd_log, log) + log


def brier(probability: Numbers, happened: Numbers) -> Numbers:
    """Squared error of a probability: (p - o)^2 with o = 1 if it happened, else 0. Brier (1950), MWR 78:1."""
    return (np.asarray(probability, float) - np.asarray(happened, float)) ** 2


def interval_score(low: Numbers, high: Numbers, observed: Numbers, coverage: float) -> Numbers:
    """Width of a central interval, plus a fine for what falls outside: 2 / (1 - coverage) times the distance.

    Gneiting & Raftery (2007), eq. 43, with alpha = 1 - coverage. [unit of the forecast]
    """
    missed = np.maximum(low - observed, 0.0) + np.maximum(observed - high, 0.0)
    return high - low + 2.0 / (1.0 - coverage) * missed


def central_interval(members: Members, coverage: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the central interval of an ensemble that holds a share `coverage` of it.

    Raises InputError for an empty ensemble.
    """
    low, high = np.quantile(_ensemble(members), [0.5 - coverage / 2.0, 0.5 + coverage / 2.0], axis=0)
    return low, high


def is_covered(members: Members, observed: Numbers, coverage: float) -> np.ndarray:
    """Whether the observation lies in the central interval of the ensemble, ends included."""
    low, high = central_interval(members, coverage)
    return (low <= observed) & (observed <= high)


def pit(members: Members, observed: Numbers) -> Numbers:
    """Share of an ensemble below the observation, ties by halves: the probability integral transform.

    Over many forecasts it is uniform where they are calibrated (Dawid 1984): heaped at both ends they were too sure, in
    the middle not sure enough, at one end off to one side. Raises InputError for an empty ensemble.
    """
    x = _ensemble(members)
    return ((x < observed).mean(axis=0) + (x <= observed).mean(axis=0)) / 2.0


@dataclass(frozen=True)
class Scored:
    """Forecasts with what came: points that hold scores by name, and in `covered` whether each band held it."""

    points: tuple[Any, ...]

    def mean(self, score: str = "crps") -> float:
        """Mean of a score over the points, by its name in them; not a number without any."""
        return float(np.mean([getattr(p, score) for p in self.points])) if self.points else float("nan")

    def coverage(self, level: float = 0.9) -> float:
        """Share of the points inside the central band of this level. [share]"""
        return float(np.mean([p.covered[level] for p in self.points])) if self.points else float("nan")


def _ensemble(members: Members) -> np.ndarray:
    x = np.asarray(members, float)
    if x.ndim == 0 or len(x) == 0:
        raise InputError("the ensemble is empty: give at least one member along the first axis.")
    return x
