"""Growth that falls with size, wandering: the posterior of a bend that all labs share, by a particle filter.

ln g = a - bend ln R: growth g = d ln R / dt falls by `bend` per cent when revenue rises by one. The level `a` walks
(a lab finds a new product), revenue has shocks beside its growth, and what is reported has an error. Each lab has its
own growth; the bend is one number for all, so that long histories inform short ones. The filter is the bootstrap
filter of Gordon, Salmond & Smith (1993), IEE Proceedings F 140:107-113, one cloud for each bend on a grid.

The prior is what could be said before any of these labs sold: a fast software firm triples twice and doubles three
times (Agrawal 2015), which is growth of ln 3 when small and a bend of about 0.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from gigawatt.core.errors import InputError

# Judgement, all five: centres from the rule above, with room for a product that nobody had seen.
GROWTH, GROWTH_SD = np.log(3.0), 0.7  # median of growth at the first observation [1/year], sd of its logarithm
BEND, BEND_SD = 0.2, 0.15
RESTLESS = 0.5  # half-normal scale of the walk of ln g [1/sqrt(year)]
SHOCK = 0.15  # half-normal scale of shocks to ln R [1/sqrt(year)]

BENDS = np.linspace(0.0, 0.6, 13)
CLOUD = 2000  # particles for each bend
STEP = 1 / 12  # years, at most, between two moves of a cloud


@dataclass
class Clouds:
    """Particles by bend: (bends, CLOUD) each. y: ln revenue; log_g: ln growth; restless, shock: their noise."""

    y: np.ndarray
    log_g: np.ndarray
    restless: np.ndarray
    shock: np.ndarray

    def move(self, years: float, bend: np.ndarray, rng: np.random.Generator) -> None:
        """Let time pass: growth by the exact law over a step, then shocks, and growth falls with the size reached."""
        steps = int(np.ceil(years / STEP))
        for _ in range(steps):
            h = years / steps
            turns = np.exp(self.log_g) * h
            gain = np.where(bend > 0.0, np.log1p(bend * turns) / np.where(bend > 0.0, bend, 1.0), turns)
            gain = gain + self.shock * np.sqrt(h) * rng.standard_normal(self.y.shape)
            self.y = self.y + gain
            walk = self.restless * np.sqrt(h) * rng.standard_normal(self.y.shape)
            self.log_g = self.log_g - bend * gain + walk

    def weigh(self, y: float, error: float, rng: np.random.Generator) -> np.ndarray:
        """Keep the particles that an observation makes likely; log likelihood of it by bend, (bends,)."""
        log_w = -0.5 * ((y - self.y) / error) ** 2 - np.log(error * np.sqrt(2.0 * np.pi))
        total = logsumexp(log_w, axis=1)
        ladder = np.cumsum(np.exp(log_w - total[:, None]), axis=1)
        at = (np.arange(self.y.shape[1]) + rng.random((len(self.y), 1))) / self.y.shape[1]
        picks = np.stack([np.searchsorted(w / w[-1], a) for w, a in zip(ladder, at, strict=True)])
        for name in ("y", "log_g", "restless", "shock"):
            setattr(self, name, np.take_along_axis(getattr(self, name), picks, axis=1))
        return total - np.log(self.y.shape[1])


@dataclass(frozen=True)
class Seller:
    """One lab's observations: t in calendar years, rising; y = ln revenue."""

    t: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Bend:
    """Posterior for one lab. weight: (bends,) of BENDS, from all labs; clouds at the last observation, `last`."""

    weight: np.ndarray
    clouds: Clouds
    last: float
    error: float

    def bend_quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Quantiles of the bend, the grid read as a density of steps."""
        half = 0.5 * (BENDS[1] - BENDS[0])
        edges = np.concatenate([[max(BENDS[0], 0.0)], BENDS[1:] - half, [BENDS[-1] + half]])
        return np.interp(levels, np.concatenate([[0.0], np.cumsum(self.weight)]), edges)

    def _picked(self, n: int, rng: np.random.Generator) -> tuple[Clouds, np.ndarray]:
        rows = np.sort(rng.choice(len(BENDS), size=n, p=self.weight))
        columns = rng.integers(self.clouds.y.shape[1], size=n)
        picked = (getattr(self.clouds, name)[rows, columns] for name in ("y", "log_g", "restless", "shock"))
        return Clouds(*picked), BENDS[rows]

    def growth(self, n: int, seed: int) -> np.ndarray:
        """(n,): draws of growth at the last observation. [1/year]"""
        return np.exp(self._picked(n, np.random.default_rng(seed))[0].log_g)

    def observed(self, at: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, at): draws of ln revenue as it may be reported at dates from the last observation on.

        Raises InputError for a date before it.
        """
        at = np.atleast_1d(np.asarray(at, float))
        if at.min() < self.last - 1e-6:
            raise InputError(f"a forecast at {at.min():.2f} lies before the last observation, {self.last:.2f}.")
        rng = np.random.default_rng(seed)
        clouds, bend = self._picked(n, rng)
        drawn, now = np.empty((n, len(at))), self.last
        for i in np.argsort(at, kind="stable"):
            clouds.move(max(at[i] - now, 0.0), bend, rng)
            drawn[:, i], now = clouds.y + self.error * rng.standard_normal(n), max(at[i], now)
        return drawn


def filtered(seller: Seller, error: float, seed: int) -> tuple[Clouds, np.ndarray]:
    """Clouds at the last observation and log likelihood by bend, (bends,), of all after the first."""
    rng, shape = np.random.default_rng(seed), (len(BENDS), CLOUD)
    # The first observation has nothing before it: the cloud starts about it.
    clouds = Clouds(
        y=seller.y[0] + error * rng.standard_normal(shape),
        log_g=np.log(GROWTH) + GROWTH_SD * rng.standard_normal(shape),
        restless=RESTLESS * np.abs(rng.standard_normal(shape)),
        shock=SHOCK * np.abs(rng.standard_normal(shape)),
    )
    log_likelihood = np.zeros(len(BENDS))
    for gap, y in zip(np.diff(seller.t), seller.y[1:], strict=True):
        clouds.move(gap, BENDS[:, None], rng)
        log_likelihood += clouds.weigh(y, error, rng)
    return clouds, log_likelihood


def bends(sellers: dict[str, Seller], error: float, seed: int = 0) -> dict[str, Bend]:
    """Posterior of each lab, the bend shared by all.

    error: sd of an observation of ln revenue. Raises InputError for a lab with fewer than three observations.
    """
    for name, seller in sellers.items():
        if len(seller.t) < 3:
            raise InputError(f"{name}: {len(seller.t)} observations: growth that falls with size needs three or more.")
    each = {name: filtered(seller, error, seed) for name, seller in sellers.items()}
    log_weight = -0.5 * ((BENDS - BEND) / BEND_SD) ** 2 + sum(log for _, log in each.values())
    weight = np.exp(log_weight - logsumexp(log_weight))
    return {name: Bend(weight, each[name][0], float(sellers[name].t[-1]), error) for name in each}
