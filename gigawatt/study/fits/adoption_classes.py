"""Classes of size about the trend of all firms, partly pooled: empirical Bayes in closed form.

d_s(t) = level_s + growth_s (t - t0) + shift_s [new wording] + e, the distance of class s from all firms in logits. The
three numbers of a class are drawn from a normal population whose mean and spread are estimated by moments
(DerSimonian & Laird 1986, Controlled Clinical Trials 7:177-188); each class moves to it by its own uncertainty
(Efron & Morris 1975, JASA 70:311-319).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.study.fits.result import LEVEL, Estimate

FEWEST = 6  # waves of a class


@dataclass(frozen=True)
class Pooled:
    """Posterior of the classes. mean (s, k), covariance (s, k, k) of level, growth and, once known, shift.

    centre: t0; scatter, error: (s,) sd of waves beside their survey error, and the usual survey error; spread: (k,) sd
    between classes.
    """

    code: tuple[str, ...]
    centre: float
    mean: np.ndarray
    covariance: np.ndarray
    scatter: np.ndarray
    error: np.ndarray
    spread: np.ndarray

    def draws(self, code: str, x: np.ndarray, n: int, seed: int, new: bool) -> np.ndarray:
        """(n, x): draws of the distance of a class from the level of all firms, survey error included. [logits]"""
        if code not in self.code:
            raise InputError(f"adoption: no stratum '{code}'.{did_you_mean(code, self.code)} It has {self.code}.")
        i, rng = self.code.index(code), np.random.default_rng([seed, 1])
        numbers = rng.multivariate_normal(self.mean[i], self.covariance[i], size=n)
        wide = np.hypot(self.scatter[i], self.error[i])
        x = np.asarray(x, float)
        known = _basis(x, np.full(len(x), new), self.centre)[:, : self.mean.shape[1]]
        return numbers @ known.T + wide * rng.standard_normal((n, len(x)))

    def estimates(self, n: int, seed: int) -> tuple[Estimate, ...]:
        """Level and growth of the largest class against all firms, and the sd between classes."""
        if not self.code:
            return ()
        found, largest = [], len(self.code) - 1
        for k, (name, meaning, unit) in enumerate(
            (
                ("large-level", f"log odds of class {self.code[-1]} over all firms at {self.centre:.1f}", "logits"),
                ("large-growth", f"growth of class {self.code[-1]} over that of all firms", "1/year"),
            )
        ):
            drawn = self.mean[largest, k] + np.sqrt(self.covariance[largest, k, k]) * _normal(n, seed, k)
            low, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
            found.append(Estimate(name, meaning, unit, float(self.mean[largest, k]), float(low), float(high)))
        return tuple(found)


def _normal(n: int, seed: int, k: int) -> np.ndarray:
    return np.random.default_rng([seed, 2, k]).standard_normal(n)


def pooled(classes: Mapping[str, Any], trend: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Pooled:
    """Fit the distances of classes from the trend of all firms, and pool them.

    classes: {code: waves with year, y, error, new}; a class with fewer than FEWEST waves is left out. trend: logit of
    all firms at calendar years, in the new wording where the second argument says so.
    """
    used = {code: w for code, w in sorted(classes.items()) if len(w) >= FEWEST}
    shifts = any(w.new.any() for w in used.values())
    columns = 3 if shifts else 2
    centre = float(np.mean(np.concatenate([w.year for w in used.values()]))) if used else 0.0
    fitted = [
        _weighted(w.y - trend(w.year, w.new), w.error, _basis(w.year, w.new, centre)[:, :columns])
        for w in used.values()
    ]
    error = np.array([np.median(w.error) for w in used.values()])
    if not used:
        return Pooled((), centre, np.empty((0, columns)), np.empty((0, columns, columns)), error, error, np.empty(0))
    own, sampling, scatter = (np.array(a) for a in zip(*fitted, strict=True))
    spread = _between(own, np.diagonal(sampling, axis1=1, axis2=2))
    mean, covariance = _shrunk(own, sampling, spread)
    return Pooled(tuple(used), centre, mean, covariance, scatter, error, spread)


def _basis(year: np.ndarray, new: np.ndarray, centre: float) -> np.ndarray:
    return np.stack([np.ones(len(year)), year - centre, np.asarray(new, float)], axis=1)


def _weighted(d: np.ndarray, error: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Weighted least squares: numbers, their covariance, and the sd of scatter beside the survey error."""
    free = max(len(d) - known.shape[1], 1)
    plain = np.linalg.lstsq(known, d, rcond=None)[0]
    scatter = max(float(np.sum((d - known @ plain) ** 2) / free - np.mean(error**2)), 0.0)
    weight = 1.0 / (error**2 + scatter)
    covariance = np.linalg.inv(known.T @ (weight[:, None] * known))
    return covariance @ (known.T @ (weight * d)), covariance, float(np.sqrt(scatter))


def _between(own: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """(k,): sd between classes by moments: DerSimonian & Laird (1986), with weights of one over the variance."""
    w = 1.0 / variance
    mean = (w * own).sum(axis=0) / w.sum(axis=0)
    excess = (w * (own - mean) ** 2).sum(axis=0) - (len(own) - 1)
    return np.sqrt(np.maximum(excess, 0.0) / np.maximum(w.sum(axis=0) - (w**2).sum(axis=0) / w.sum(axis=0), 1e-30))


def _shrunk(own: np.ndarray, sampling: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and covariance of each class in a normal population of this spread."""
    tiny = 1e-8  # a population without spread is a point: keep it invertible
    precision = np.linalg.inv(np.diag(np.maximum(spread, tiny) ** 2))
    of_class = np.linalg.inv(sampling)
    whole = np.linalg.inv(sampling + np.diag(spread**2))
    centre = np.linalg.solve(whole.sum(axis=0), np.einsum("sij,sj->i", whole, own))
    covariance = np.linalg.inv(of_class + precision)
    right = np.einsum("sij,sj->si", of_class, own) + precision @ centre
    return np.einsum("sij,sj->si", covariance, right), covariance
