"""A trend whose slope wanders, measured in two ways: the exact posterior of localtrend.py with a shift of its own.

y_i = level(t_i) + shift [new_i] + e_i. Level, slope and shift have flat priors, so that the shift is measured by the
observations on both sides and the slope between them (an intervention: Box & Tiao 1975, JASA 70:70-79).
"""

from dataclasses import dataclass

import numpy as np

from gigawatt.study.fits.localtrend import blocks, checked, level_level, likelihood, slope_level, solved, straight

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
        return self.weight @ self._level(np.arange(len(self.weight)), at, new)[0]

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
        used, which = np.unique(picks, return_inverse=True)
        mean, covariance = conditional(used)
        largest = covariance.diagonal(axis1=1, axis2=2).max(axis=1)
        tiny = 1e-10 * np.maximum(largest, self.y.var()) + 1e-30  # dates close together
        root = np.linalg.cholesky(covariance + tiny[:, None, None] * np.eye(mean.shape[1]))
        shock = rng.standard_normal((n, mean.shape[1]))
        drawn = mean[which] + (root[which] @ shock[:, :, None])[:, :, 0]
        order = rng.permutation(n)
        return drawn[order], self.scatter[picks][order]

    def _level(self, g: np.ndarray, at: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s, t = np.asarray(at, float) - self.t.min(), self.t - self.t.min()
        return self._conditional(g, _basis(s, new), level_level(s, t), level_level(s, s))

    def _conditional(self, g: np.ndarray, asked, cross, own) -> tuple[np.ndarray, np.ndarray]:
        """Means (g, asked) and covariances of what is asked, at points g; `cross` and `own` are for a step of one."""
        asked = asked[:, : self._numbers]
        parts = [self._block(some, asked, cross, own) for some in blocks(g)]
        mean, covariance = (np.concatenate(x) for x in zip(*parts, strict=True))
        return mean, covariance

    def _block(self, g: np.ndarray, asked, cross, own) -> tuple[np.ndarray, np.ndarray]:
        known, variance = self._known, (self.step[g] ** 2)[:, None, None]
        root, precision, beta = solved(self.y, known, self._wandering(g), self._noise(g))
        across = variance * cross @ root.swapaxes(1, 2)
        left = asked - across @ root @ known
        mean = beta @ asked.T + (across @ (root @ (self.y - beta @ known.T)[..., None]))[..., 0]
        wide = variance * own - across @ across.swapaxes(1, 2)
        return mean, wide + left @ np.linalg.solve(precision, left.swapaxes(1, 2))

    @property
    def _numbers(self) -> int:
        """Level and slope, and the shift once it is known."""
        return 3 if self.shifts else 2

    @property
    def _known(self) -> np.ndarray:
        return _basis(self.t - self.t.min(), self.new)[:, : self._numbers]

    def _wandering(self, g: np.ndarray) -> np.ndarray:
        t = self.t - self.t.min()
        return (self.step[g] ** 2)[:, None, None] * level_level(t, t)

    def _noise(self, g: np.ndarray) -> np.ndarray:
        return self.error**2 + (self.scatter[g] ** 2)[:, None]

    def _likelihood(self, g: np.ndarray) -> np.ndarray:
        """(g,): log marginal likelihoods with level, slope and shift integrated out."""
        return likelihood(self.y, self._known, self._wandering(g), self._noise(g))


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
    logs = np.concatenate([free._likelihood(some) for some in blocks(np.arange(len(step)))]) - 0.5 * (u**2 + v**2)
    weight = np.exp(logs - logs.max())
    kept = weight > SLIGHT
    return Broken(t, y, error, new, step[kept], scatter[kept], weight[kept] / weight[kept].sum())


def _basis(t: np.ndarray, new: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(t), t, np.asarray(new, float)], axis=1)
