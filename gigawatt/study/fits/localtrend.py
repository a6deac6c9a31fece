"""A trend whose slope wanders: exact posterior of a local linear trend on dates of any spacing, without sampling.

y_i = level(t_i) + e_i, with d level = slope dt and d slope = step dW, a Wiener process: the slope of a year from now
differs from today's by a normal number of standard deviation `step`. Level and slope have flat priors. With the two
variances fixed this is a Gaussian process whose mean is the cubic smoothing spline (Wahba 1978, JRSS B 40:364-372) and
a state-space model (Harvey 1989, Forecasting, Structural Time Series Models and the Kalman Filter, section 2.3); the
two are integrated over on a grid of prior quantiles, so that the width grows with the lead as the data warrant.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import halfnorm

from gigawatt.core.errors import InputError

GRID = 24  # quantiles of each prior
RESTLESS = 0.5  # judgement: prior scale of a year's change of the slope, as part of the slope of the straight line


@dataclass(frozen=True)
class Trend:
    """Posterior of a local linear trend. Times in years, values in the unit of y.

    error: (n,) standard deviations of measurement. step, scatter: (g,) standard deviations on the grid, of a year's
    change of the slope and of observations about the level beside their measurement error; weight: (g,) posterior.
    """

    t: np.ndarray
    y: np.ndarray
    error: np.ndarray
    step: np.ndarray
    scatter: np.ndarray
    weight: np.ndarray

    @property
    def step_mean(self) -> float:
        """Posterior mean of the standard deviation of a year's change of the slope."""
        return float(self.weight @ self.step)

    @property
    def scatter_mean(self) -> float:
        """Posterior mean of the scatter of observations beside their measurement error."""
        return float(self.weight @ self.scatter)

    def mean(self, at: np.ndarray, slope: bool = False) -> np.ndarray:
        """(at,): posterior mean of the level, or of the slope; exact, no draws."""
        at = np.atleast_1d(np.asarray(at, float))
        return self.weight @ np.array([self._conditional(g, at, slope)[0] for g in range(len(self.weight))])

    def level(self, at: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, at): draws of the level."""
        return self._draws(at, False, n, np.random.default_rng(seed))[0]

    def slope(self, at: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, at): draws of the slope. [per year]"""
        return self._draws(at, True, n, np.random.default_rng(seed))[0]

    def observed(self, at: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, at): draws of what a new observation may be: level, scatter and the usual measurement error."""
        rng = np.random.default_rng(seed)
        drawn, scatter = self._draws(at, False, n, rng)
        return drawn + np.hypot(scatter[:, None], np.median(self.error)) * rng.standard_normal(drawn.shape)

    def _draws(self, at, slope: bool, n: int, rng) -> tuple[np.ndarray, np.ndarray]:
        """Draws (n, at) of level or slope, and the scatter (n,) of the grid point that each came from."""
        at = np.atleast_1d(np.asarray(at, float))
        picks = np.sort(rng.choice(len(self.weight), size=n, p=self.weight))
        drawn = np.empty((n, len(at)))
        for g in np.unique(picks):
            here = picks == g
            mean, covariance = self._conditional(g, at, slope)
            # Dates close together make it singular: add what is far below any width that is told.
            tiny = 1e-10 * max(covariance.diagonal().max(), self.y.var()) + 1e-30
            root = np.linalg.cholesky(covariance + tiny * np.eye(len(at)))
            drawn[here] = mean + rng.standard_normal((here.sum(), len(at))) @ root.T
        order = rng.permutation(n)
        return drawn[order], self.scatter[picks][order]

    def _conditional(self, g: int, at: np.ndarray, slope: bool) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance at `at`, the two variances being known."""
        origin = min(self.t.min(), at.min())
        t, s = self.t - origin, at - origin
        known = _basis(t)
        solve, precision, beta = _solved(self.y, known, self.step[g] ** 2 * level_level(t, t), self._noise(g))
        asked = np.stack([np.zeros_like(s), np.ones_like(s)], 1) if slope else _basis(s)
        cross = self.step[g] ** 2 * (slope_level(s, t) if slope else level_level(s, t))
        own = self.step[g] ** 2 * (np.minimum.outer(s, s) if slope else level_level(s, s))
        left = asked - cross @ solve(known)
        mean = asked @ beta + cross @ solve(self.y - known @ beta)
        return mean, own - cross @ solve(cross.T) + left @ np.linalg.solve(precision, left.T)

    def _noise(self, g: int) -> np.ndarray:
        return self.error**2 + self.scatter[g] ** 2


def local_trend(
    t: np.ndarray, y: np.ndarray, error: np.ndarray | float = 0.0, step_scale: float | None = None
) -> Trend:
    """Fit a local linear trend to observations y at times t, with `error` the sd of each measurement.

    The priors of `step` and `scatter` are half-normal. step_scale: scale of the first, RESTLESS times the slope of the
    straight line if None; 0 holds the slope constant, which is a straight line with measurement error and scatter.
    The scale of the second is the sd of residuals of that line. Raises InputError for fewer than four points, dates
    that are one, values that are not finite, or a negative error.
    """
    t, y = np.asarray(t, float), np.asarray(y, float)
    error = np.broadcast_to(np.asarray(error, float), t.shape)
    checked(t, y, error)
    slope, scatter_scale = straight(t, y)
    step_scale = RESTLESS * abs(slope) if step_scale is None else step_scale
    quantiles = halfnorm.ppf((np.arange(GRID) + 0.5) / GRID)
    steps = quantiles * step_scale if step_scale > 0.0 else np.zeros(1)
    step, scatter = (a.ravel() for a in np.meshgrid(steps, quantiles * scatter_scale, indexing="ij"))
    free = Trend(t, y, error, step, scatter, np.full(len(step), 1.0 / len(step)))
    logs = np.array([_likelihood(free, g) for g in range(len(step))])
    weight = np.exp(logs - logs.max())
    return Trend(t, y, error, step, scatter, weight / weight.sum())


def straight(t: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and sd of residuals of the straight line by least squares; the sd is at least a billionth of y's."""
    slope, intercept = np.polyfit(t - t.mean(), y, 1)
    left = y - intercept - slope * (t - t.mean())
    return float(slope), float(max(np.sqrt(left @ left / (len(t) - 2)), 1e-9 * max(np.abs(y).max(), 1e-9)))


def checked(t: np.ndarray, y: np.ndarray, error: np.ndarray) -> None:
    if len(t) < 4 or np.ptp(t) == 0.0:
        raise InputError(f"a trend needs four points at two dates or more, not {len(t)}: widen the data.")
    if not (np.isfinite(t).all() and np.isfinite(y).all() and np.isfinite(error).all() and (error >= 0.0).all()):
        raise InputError("a trend needs finite dates and values, and errors of zero or more: mend or drop the row.")


def _likelihood(trend: Trend, g: int) -> float:
    """Log marginal likelihood, level and slope integrated out (Harville 1974, Biometrika 61:383-385)."""
    t = trend.t - trend.t.min()
    known = _basis(t)
    covariance = trend.step[g] ** 2 * level_level(t, t) + np.diag(trend._noise(g))
    solve, precision, beta = _solved(trend.y, known, trend.step[g] ** 2 * level_level(t, t), trend._noise(g))
    left = trend.y - known @ beta
    spread = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(precision)[1]
    return -0.5 * float(spread + left @ solve(left))


def _solved(y, known, wandering, noise):
    """Solver of the covariance, precision of (level, slope) at the origin, and their generalised least squares."""
    factor = cho_factor(wandering + np.diag(noise), lower=True)

    def solve(right):
        return cho_solve(factor, right)

    precision = known.T @ solve(known)
    return solve, precision, np.linalg.solve(precision, known.T @ solve(y))


def _basis(t: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(t), t], axis=1)


def level_level(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Covariance of the once integrated Wiener process: m^2 (3 M - m) / 6 with m, M the smaller and larger time."""
    small, large = np.minimum.outer(s, t), np.maximum.outer(s, t)
    return small**2 * (3.0 * large - small) / 6.0


def slope_level(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Covariance of the Wiener process at s with its integral at t."""
    small = np.minimum.outer(s, t)
    return small * t - 0.5 * small**2
