"""Decline to a floor: the exact posterior of the law of prices on a grid, with its level and scatter integrated out."""

from dataclasses import dataclass

import numpy as np

from gigawatt.mechanisms.prices import declining_price

GRID = 60  # points of each prior
RATES = np.log(1.5), np.log(1e6)  # 1/year: wider than any published fall
LEAST_FLOOR = 1e-5  # of the first price


@dataclass(frozen=True)
class DeclineToFloor:
    """Posterior of ln p = a + ln(s + (1 - s) e^(-r t)) on a grid of (r, ln s), with a and the scatter integrated out.

    start: calendar year of t = 0. a, sd: of the best line at each point of the grid. weight: posterior.
    """

    start: float
    n: int
    rate: np.ndarray
    share: np.ndarray
    a: np.ndarray
    sd: np.ndarray
    weight: np.ndarray

    def curves(self, year: np.ndarray) -> np.ndarray:
        """(grid, year): ln of the price over that at the start."""
        return curve(np.asarray(year, float) - self.start, self.rate, self.share)

    def mean(self, year: np.ndarray) -> np.ndarray:
        """(year,): posterior mean of ln p."""
        return self.weight @ (self.a[:, None] + self.curves(year))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.choice(len(self.weight), size=n, p=self.weight)

    def draws(self, year: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, year): ln of new observations, whose scatter has the same size at all dates of one draw."""
        rng = np.random.default_rng(seed)
        pick = self.sample(n, rng)
        sd = self.sd[pick] * np.sqrt((self.n - 1) / rng.chisquare(self.n - 1, size=n))
        a = self.a[pick] + sd / np.sqrt(self.n) * rng.standard_normal(n)
        return a[:, None] + self.curves(year)[pick] + sd[:, None] * rng.standard_normal((n, len(year)))


def curve(years: np.ndarray, rate: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(grid, years): ln of the law for a first price of one and a floor that is a share of it."""
    return np.log(np.asarray(declining_price(1.0, years[None, :], rate[:, None], share[:, None])))


def decline_to_floor(year: np.ndarray, log_price: np.ndarray) -> DeclineToFloor:
    """Posterior of the law with flat priors on the log of the rate and on the log of the floor."""
    rate, share = (g.ravel() for g in np.meshgrid(np.geomspace(*RATES, GRID), np.geomspace(LEAST_FLOOR, 1.0, GRID)))
    left = log_price - curve(year - year[0], rate, share)
    a, n = left.mean(axis=1), len(year)
    squares = np.sum((left - a[:, None]) ** 2, axis=1)
    log_weight = -0.5 * (n - 1) * np.log(squares)
    weight = np.exp(log_weight - log_weight.max())
    return DeclineToFloor(float(year[0]), n, rate, share, a, np.sqrt(squares / (n - 1)), weight / weight.sum())
