"""A trend whose slope wanders: exact posterior of a local linear trend on dates of any spacing, without sampling.

y_i = level(t_i) + e_i, with d level = slope dt and d slope = step dW, a Wiener process: the slope of a year from now
differs from today's by a normal number of standard deviation `step`. Level and slope have flat priors. With the two
variances fixed this is a Gaussian process whose mean is the cubic smoothing spline (Wahba 1978, JRSS B 40:364-372) and
a state-space model (Harvey 1989, Forecasting, Structural Time Series Models and the Kalman Filter, section 2.3); the
two are integrated over on a grid of prior quantiles, so that the width grows with the lead as the data warrant.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import halfnorm

from gigawatt.core.errors import InputError

GRID = 24  # quantiles of each prior
STEPS = np.geomspace(0.01, 4.0, 2 * GRID)  # steps and scales that learnt_step looks at [1/year]
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
        return self.weight @ self._conditional(np.arange(len(self.weight)), at, slope)[0]

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
        used, which = np.unique(picks, return_inverse=True)
        mean, covariance = self._conditional(used, at, slope)
        # Dates close together make it singular: add what is far below any width that is told.
        largest = covariance.diagonal(axis1=1, axis2=2).max(axis=1)
        tiny = 1e-10 * np.maximum(largest, self.y.var()) + 1e-30
        root = np.linalg.cholesky(covariance + tiny[:, None, None] * np.eye(len(at)))
        shock = rng.standard_normal((n, len(at)))
        drawn = mean[which] + np.einsum("nij,nj->ni", root[which], shock)
        order = rng.permutation(n)
        return drawn[order], self.scatter[picks][order]

    def _conditional(self, g: np.ndarray, at: np.ndarray, slope: bool) -> tuple[np.ndarray, np.ndarray]:
        """Means (g, at) and covariances (g, at, at) at `at`, the two variances being those of grid points g."""
        parts = [self._block(some, at, slope) for some in blocks(g)]
        mean, covariance = (np.concatenate(x) for x in zip(*parts, strict=True))
        return mean, covariance

    def _block(self, g: np.ndarray, at: np.ndarray, slope: bool) -> tuple[np.ndarray, np.ndarray]:
        origin = min(self.t.min(), at.min())
        t, s = self.t - origin, at - origin
        known, wandering = _basis(t), (self.step[g] ** 2)[:, None, None]
        root, precision, beta = solved(self.y, known, wandering * level_level(t, t), self._noise(g))
        asked = np.stack([np.zeros_like(s), np.ones_like(s)], 1) if slope else _basis(s)
        cross = wandering * (slope_level(s, t) if slope else level_level(s, t)) @ root.swapaxes(1, 2)
        own = wandering * (np.minimum.outer(s, s) if slope else level_level(s, s))
        left = asked - cross @ root @ known
        mean = beta @ asked.T + np.einsum("gak,gkt,gt->ga", cross, root, self.y - beta @ known.T, optimize=True)
        covariance = own - cross @ cross.swapaxes(1, 2) + left @ np.linalg.solve(precision, left.swapaxes(1, 2))
        return mean, covariance

    def _noise(self, g: np.ndarray) -> np.ndarray:
        """(g, n): variances of observations about the level."""
        return self.error**2 + (self.scatter[g] ** 2)[:, None]

    def _likelihood(self, g: np.ndarray) -> np.ndarray:
        """(g,): log marginal likelihoods, level and slope integrated out."""
        t = self.t - self.t.min()
        return likelihood(self.y, _basis(t), (self.step[g] ** 2)[:, None, None] * level_level(t, t), self._noise(g))


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
    logs = np.concatenate([free._likelihood(some) for some in blocks(np.arange(len(step)))])
    weight = np.exp(logs - logs.max())
    return Trend(t, y, error, step, scatter, weight / weight.sum())


def learnt_step(pool: Iterable[tuple[np.ndarray, np.ndarray]]) -> float:
    """The step_scale under which several series (t, y) together are likeliest, for series that are thought alike.

    Type-II maximum likelihood (Good 1965, The Estimation of Probabilities), priors otherwise as in local_trend. The
    default there, half the slope of the straight line, is too small for a series that rose and fell back. Raises as
    local_trend.
    """
    given = halfnorm.pdf(STEPS / STEPS[:, None]) * STEPS / STEPS[:, None]  # density of steps (columns), by scale
    total = np.zeros(len(STEPS))
    for t, y in pool:
        t, y = np.asarray(t, float), np.asarray(y, float)
        error = np.zeros_like(t)
        checked(t, y, error)
        scatters = halfnorm.ppf((np.arange(GRID) + 0.5) / GRID) * straight(t, y)[1]
        step, scatter = (a.ravel() for a in np.meshgrid(STEPS, scatters, indexing="ij"))
        free = Trend(t, y, error, step, scatter, np.full(len(step), 1.0 / len(step)))
        logs = np.concatenate([free._likelihood(some) for some in blocks(np.arange(len(step)))])
        total += logs.max() + np.log(given @ np.exp(logs - logs.max()).reshape(len(STEPS), GRID).mean(axis=1))
    return float(STEPS[total.argmax()])


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


def likelihood(y: np.ndarray, known: np.ndarray, wandering: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(g,): log marginal likelihoods, the numbers of `known` integrated out (Harville 1974, Biometrika 61:383-385)."""
    root, precision, beta = solved(y, known, wandering, noise)
    left = np.einsum("gki,gi->gk", root, y - beta @ known.T)
    spread = -2.0 * np.log(root.diagonal(axis1=1, axis2=2)).sum(axis=1) + np.linalg.slogdet(precision)[1]
    return -0.5 * (spread + np.sum(left**2, axis=1))


def blocks(g: np.ndarray) -> list[np.ndarray]:
    """Grid points a few at a time, so that their matrices stay small."""
    return np.array_split(g, -(-len(g) // GRID))


def solved(y, known, wandering, noise):
    """Roots R of the inverse covariances R'R (g, n, n), and precision and estimate of the numbers of `known` (n, k).

    Generalised least squares, for many grid points at once.
    """
    root = np.linalg.inv(np.linalg.cholesky(wandering + noise[:, :, None] * np.eye(noise.shape[1])))
    basis = root @ known
    precision = basis.swapaxes(1, 2) @ basis
    return root, precision, np.linalg.solve(precision, basis.swapaxes(1, 2) @ (root @ y)[..., None])[..., 0]


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
