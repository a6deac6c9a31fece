"""A trend whose slope wanders, measured in two ways: the exact posterior of localtrend.py with a shift of its own.

y_i = level(t_i) + shift [new_i] + e_i. Level, slope and shift have flat priors, so that the shift is measured by the
observations on both sides and the slope between them (an intervention: Box & Tiao 1975, JASA 70:70-79).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from gigawatt.study.fits.localtrend import checked, level_level, slope_level, straight

GRID = 16  # points of each prior
WIDEST = 4.0  # scales of a prior that the grid reaches: the data may speak for its tail
SLIGHT = 1e-3  # share of the best weight below which a grid point is left out


@dataclass(frozen=True)
class Broken:
    """Posterior on a grid of (step, scatter), as `localtrend.Trend` has it; `new`: (n,) of bool."""

    t: np.ndarray
    y: np.ndarray
    error: np.ndarray
    new: np.ndarray
    step: np.ndarray
    scatter: np.ndarray
    weight: np.ndarray

    @property
    def shifts(self) -> bool:
        """True where observations of the new kind are known."""
        return bool(self.new.any())

    def mean(self, at: np.ndarray, new: np.ndarray) -> np.ndarray:
        """(at,): posterior mean of what is measured at `at`, in the new way where `new`."""
        return self.weight @ np.array([self._level(g, at, new)[0] for g in range(len(self.weight))])

    def level(self, at: np.ndarray, n: int, seed: int, new: bool) -> np.ndarray:
        """(n, at): draws of the level, with the shift if `new`."""
        return self._draws(lambda g: self._level(g, at, np.full(len(at), new)), n, seed)[0]

    def observed(self, at: np.ndarray, n: int, seed: int, new: bool) -> np.ndarray:
        """(n, at): draws of what a new observation may be: level, scatter and the usual measurement error."""
        drawn, scatter = self._draws(lambda g: self._level(g, at, np.full(len(at), new)), n, seed)
        usual = np.median(self.error[self.new == new])
        noise = np.random.default_rng([seed, 1]).standard_normal(drawn.shape)
        return drawn + np.hypot(scatter[:, None], usual) * noise

    def slope(self, at: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, at): draws of the slope. [per year]"""
        s = np.asarray(at, float) - self.t.min()
        asked = np.stack([0.0 * s, 1.0 + 0.0 * s, 0.0 * s], axis=1)
        own, cross = np.minimum.outer(s, s), slope_level(s, self.t - self.t.min())
        return self._draws(lambda g: self._conditional(g, asked, cross, own), n, seed)[0]

    def shift(self, n: int, seed: int) -> np.ndarray:
        """(n,): draws of the shift."""
        asked = np.array([[0.0, 0.0, 1.0]])
        nothing = np.zeros((1, len(self.t)))
        return self._draws(lambda g: self._conditional(g, asked, nothing, np.zeros((1, 1))), n, seed)[0][:, 0]

    def _draws(self, conditional, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        picks = np.sort(rng.choice(len(self.weight), size=n, p=self.weight))
        parts = []
        for g in np.unique(picks):
            mean, covariance = conditional(g)
            tiny = 1e-10 * max(covariance.diagonal().max(), self.y.var()) + 1e-30  # dates close together
            root = np.linalg.cholesky(covariance + tiny * np.eye(len(mean)))
            parts.append(mean + rng.standard_normal((np.sum(picks == g), len(mean))) @ root.T)
        order = rng.permutation(n)
        return np.concatenate(parts)[order], self.scatter[picks][order]

    def _level(self, g: int, at: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s, t = np.asarray(at, float) - self.t.min(), self.t - self.t.min()
        return self._conditional(g, _basis(s, new), level_level(s, t), level_level(s, s))

    def _conditional(self, g, asked, cross, own) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance of what is asked, at one point of the grid; `cross` and `own` are for a step of one."""
        k = 3 if self.shifts else 2
        known, asked, variance = _basis(self.t - self.t.min(), self.new)[:, :k], asked[:, :k], self.step[g] ** 2
        factor = cho_factor(self._covariance(g), lower=True)
        solved = cho_solve(factor, np.column_stack([known, self.y, variance * cross.T]))
        precision = known.T @ solved[:, :k]
        beta = np.linalg.solve(precision, known.T @ solved[:, k])
        left = asked - variance * cross @ solved[:, :k]
        mean = asked @ beta + variance * cross @ (solved[:, k] - solved[:, :k] @ beta)
        wide = variance * own - variance * cross @ solved[:, k + 1 :] + left @ np.linalg.solve(precision, left.T)
        return mean, wide

    def _covariance(self, g: int) -> np.ndarray:
        t = self.t - self.t.min()
        return self.step[g] ** 2 * level_level(t, t) + np.diag(self.error**2 + self.scatter[g] ** 2)

    def _likelihood(self, g: int) -> float:
        """Log marginal likelihood with level, slope and shift integrated out."""
        known = _basis(self.t - self.t.min(), self.new)[:, : 3 if self.shifts else 2]
        factor = cho_factor(self._covariance(g), lower=True)
        solved = cho_solve(factor, np.column_stack([known, self.y]))
        precision = known.T @ solved[:, :-1]
        beta = np.linalg.solve(precision, known.T @ solved[:, -1])
        spread = 2.0 * np.log(factor[0].diagonal()).sum() + np.linalg.slogdet(precision)[1]
        return -0.5 * float(spread + (self.y - known @ beta) @ (solved[:, -1] - solved[:, :-1] @ beta))


def broken_trend(t: np.ndarray, y: np.ndarray, error: np.ndarray, new: np.ndarray, restless: float) -> Broken:
    """Fit it. restless: prior scale of a year's change of the slope, as part of the slope; 0 holds the slope constant.

    Both priors are half-normal. The scale of the scatter is the sd about the straight line of the old kind. Raises
    InputError for fewer than four old points, dates that are one, values that are not finite, or a negative error.
    """
    checked(t[~new], y[~new], error[~new])
    slope, about = straight(t[~new], y[~new])
    scales = WIDEST * (np.arange(GRID) + 0.5) / GRID
    steps = scales if restless > 0.0 else np.zeros(1)
    u, v = (a.ravel() for a in np.meshgrid(steps, scales, indexing="ij"))
    step, scatter = u * restless * abs(slope), v * about
    free = Broken(t, y, error, new, step, scatter, np.full(len(step), 1.0 / len(step)))
    logs = np.array([free._likelihood(g) for g in range(len(step))]) - 0.5 * (u**2 + v**2)
    weight = np.exp(logs - logs.max())
    kept = weight > SLIGHT
    return Broken(t, y, error, new, step[kept], scatter[kept], weight[kept] / weight[kept].sum())


def _basis(t: np.ndarray, new: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(t), t, np.asarray(new, float)], axis=1)
