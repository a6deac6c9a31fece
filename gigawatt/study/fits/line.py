"""Straight lines by least squares, with the uncertainty of bootstrapped cases."""

from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError


@dataclass(frozen=True)
class Fitted:
    """A line y = intercept + slope (x - centre). `boot`: (bootstraps, 2), intercepts and slopes; `sd` of residuals."""

    centre: float
    intercept: float
    slope: float
    sd: float
    boot: np.ndarray

    def at(self, x: np.ndarray) -> np.ndarray:
        """Values on the line."""
        return self.intercept + self.slope * (np.asarray(x, float) - self.centre)

    def slope_interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval of the slope over bootstraps."""
        low, high = np.quantile(self.boot[:, 1], [0.5 - level / 2, 0.5 + level / 2])
        return float(low), float(high)

    def draws(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, x): lines of the bootstraps at `x`, with a new residual each: what a new observation may be."""
        rng = np.random.default_rng(seed)
        a, b = self.boot[rng.integers(len(self.boot), size=n)].T[:, :, None]
        return a + b * (np.asarray(x, float) - self.centre) + self.sd * rng.standard_normal((n, len(x)))


def least_squares(x: np.ndarray, y: np.ndarray, bootstraps: int = 2000, seed: int = 0) -> Fitted:
    """The line through points (x, y) with the least squared error, and the same for resampled points.

    Cases are resampled (Efron 1979), so that unequal spread is honoured. Raises InputError for fewer than three
    points or one x only.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) < 3 or np.ptp(x) == 0.0:
        raise InputError(f"a line needs three points at two places or more, not {len(x)}: widen the data.")
    centre = float(x.mean())
    intercept, slope = _solve(x - centre, y, np.ones((1, len(x))))[0]
    sd = float(np.sqrt(np.sum((y - intercept - slope * (x - centre)) ** 2) / (len(x) - 2)))
    picks = np.random.default_rng(seed).multinomial(len(x), np.full(len(x), 1 / len(x)), size=bootstraps)
    picks = picks[(picks > 0).sum(axis=1) > 1]
    boot = _solve(x - centre, y, picks.astype(float))
    return Fitted(centre, float(intercept), float(slope), sd, boot[np.isfinite(boot).all(axis=1)])


def _solve(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted normal equations, one row of weights (n,) for each answer (intercept, slope)."""
    total, wx, wy = weights.sum(axis=1), weights @ x, weights @ y
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (total * (weights @ (x * y)) - wx * wy) / (total * (weights @ x**2) - wx**2)
        return np.stack([(wy - slope * wx) / total, slope], axis=1)
