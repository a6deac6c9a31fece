"""Logistic curves with a floor and a ceiling through few points, with the uncertainty that few points leave."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

ITERATIONS = 60
HUBER = 2.0  # spreads beyond which a point pulls linearly only
TRIES = (-2.0, 0.0, 3.0)  # years from the last point at which a search begins to look for the middle


@dataclass(frozen=True)
class Prior:
    """What is believed before the points. Every number is the authors' judgement, but the ceiling.

    rise: years from 10 to 90 % of the way, 5th and 95th percentile. flaws: share of items that cannot be answered
    right, median and 95th percentile: at least 3.3 % on average over ten test sets (Northcutt et al. 2021,
    arXiv:2103.14749), 6.5 % in MMLU (Gema et al. 2024, arXiv:2406.04127), more in tasks for agents. middle: standard
    deviation in years of the half-way date about the last point. spread: of scores about the curve, worth `weight`
    observations; these two were set so that 90 % bands cover nine of ten later records over six dates of hindcast,
    since the errors of a few records are smaller than those to come.
    """

    rise: tuple[float, float] = (1.0, 10.0)
    flaws: tuple[float, float] = (0.05, 0.2)
    middle: float = 5.0
    spread: float = 0.07
    weight: float = 6.0

    def centre(self, last: float) -> np.ndarray:
        """(3,): log rate, half-way date, logit of the flaws."""
        fast, slow = self.rise
        return np.array([np.log(2.0 * np.log(9.0)) - 0.5 * np.log(fast * slow), last, logit(self.flaws[0])])

    def sd(self) -> np.ndarray:
        ninety = 1.6449  # the 95th percentile of the standard normal
        fast, slow = self.rise
        flaws = (logit(self.flaws[1]) - logit(self.flaws[0])) / ninety
        return np.array([0.5 * np.log(slow / fast) / ninety, self.middle, flaws])


@dataclass(frozen=True)
class Curve:
    """score = floor + (1 - flaws - floor) / (1 + exp(-rate (t - middle))). `boot`: (n, 3), log rate, middle, logit
    flaws; `spread`: of scores about the curve."""

    floor: float
    value: np.ndarray
    boot: np.ndarray
    spread: float

    @property
    def rate(self) -> float:
        """Slope in logits between floor and ceiling. [logits/year]"""
        return float(np.exp(self.value[0]))

    @property
    def ceiling(self) -> float:
        return float(1.0 - expit(self.value[2]))

    def at(self, x: np.ndarray) -> np.ndarray:
        """Scores on the curve. [share]"""
        return curve(np.asarray(x, float), self.value, self.floor)

    def rate_interval(self, level: float = 0.9) -> tuple[float, float]:
        low, high = np.exp(np.quantile(self.boot[:, 0], [0.5 - level / 2, 0.5 + level / 2]))
        return float(low), float(high)

    def passes(self, threshold: float) -> tuple[float, float, float]:
        """(low, value, high): date at which this share of the items that can be answered is answered. [year]"""
        low, high = np.quantile(date_of(self.boot, self.floor, threshold), [0.05, 0.95])
        return float(low), float(date_of(self.value, self.floor, threshold)), float(high)

    def draws(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, x): scores of new frontier models at `x`, spread included. [share]"""
        rng = np.random.default_rng(seed)
        picked = self.boot[rng.integers(len(self.boot), size=n)]
        mean = curve(np.asarray(x, float), picked, self.floor)
        return np.clip(mean + self.spread * rng.standard_normal(mean.shape), 0.0, 1.0)


def curve(x: np.ndarray, parameters: np.ndarray, floor: float) -> np.ndarray:
    """(..., x): scores of parameters (..., 3) at dates x. [share]"""
    log_rate, middle, flaws = np.moveaxis(np.asarray(parameters)[..., None], -2, 0)
    return floor + (1.0 - expit(flaws) - floor) * expit(np.exp(log_rate) * (x - middle))


def date_of(parameters: np.ndarray, floor: float, threshold: float) -> np.ndarray:
    """Date at which the curve of parameters (..., 3) reaches `threshold` of its ceiling. [year]

    The inverse of `curve`: middle + logit(way) / rate, with the way from floor to ceiling. Minus infinity where chance
    is enough.
    """
    log_rate, middle, flaws = np.moveaxis(np.asarray(parameters), -1, 0)
    ceiling = 1.0 - expit(flaws)
    way = (threshold * ceiling - floor) / (ceiling - floor)
    return middle + logit(np.maximum(way, 0.0)) / np.exp(log_rate)


def fit_curve(
    x: np.ndarray, y: np.ndarray, floor: float = 0.0, bootstraps: int = 300, seed: int = 0, prior: Prior | None = None
) -> Curve:
    """The most probable curve through scores y (n,) at years x (n,), and one for each perturbed data set.

    Robust least squares with several starts. Each resample disturbs the scores by their spread and the centre of the
    prior by its own (randomise, then optimise: Bardsley et al. 2014, SIAM J. Sci. Comput. 36:A1895), so that what
    the points do not say stays as wide as the prior.
    """
    prior = prior or Prior()
    x, y = np.asarray(x, float), np.asarray(y, float)
    centre, sd = prior.centre(float(x[-1])), prior.sd()
    value = search(x, y[None], centre[None], sd, floor, prior.spread)[0]
    error = np.sum((y - curve(x, value, floor)) ** 2)
    spread = float(np.sqrt((prior.weight * prior.spread**2 + error) / (prior.weight + len(x))))
    rng = np.random.default_rng(seed)
    ys = y + spread * rng.standard_normal((bootstraps, len(y)))
    centres = centre + sd * rng.standard_normal((bootstraps, 3))
    both = search(x, np.vstack([y[None], ys]), np.vstack([centre[None], centres]), sd, floor, spread)
    return Curve(floor, both[0], both[1:], spread)


def search(x, ys, centres, sd, floor: float, spread: float) -> np.ndarray:
    """(problems, 3): the best of several Levenberg-Marquardt searches for each row of `ys`."""
    found = [levenberg(x, ys, centres, sd, floor, spread, shift) for shift in TRIES]
    costs = np.stack([cost for _, cost in found])
    return np.stack([at for at, _ in found])[np.argmin(costs, axis=0), np.arange(len(ys))]


def levenberg(x, ys, centres, sd, floor: float, spread: float, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """(parameters, cost) of damped Gauss-Newton steps, all rows at once."""
    at = centres + np.array([0.0, shift, 0.0])
    at[:, 1] = np.maximum(x[-1] + shift, x[0])
    damp, cost = np.full(len(ys), 1.0), loss(x, ys, at, centres, sd, floor, spread)
    for _ in range(ITERATIONS):
        slope, square = normal_equations(x, ys, at, centres, sd, floor, spread)
        diagonal = np.einsum("pii->pi", square)[:, :, None] * np.eye(3)
        step = np.linalg.solve(square + damp[:, None, None] * diagonal, slope[..., None])[..., 0]
        tried = at - step
        then = loss(x, ys, tried, centres, sd, floor, spread)
        better = then < cost
        at, cost = np.where(better[:, None], tried, at), np.where(better, then, cost)
        damp = np.clip(np.where(better, damp / 4.0, damp * 4.0), 1e-6, 1e6)
    return at, cost


def loss(x, ys, at, centres, sd, floor: float, spread: float) -> np.ndarray:
    """Half of minus twice the log posterior, pseudo-Huber in the scores."""
    r = (curve(x, at, floor) - ys) / spread
    robust = HUBER**2 * (np.sqrt(1.0 + (r / HUBER) ** 2) - 1.0)
    return robust.sum(axis=1) + 0.5 * (((at - centres) / sd) ** 2).sum(axis=1)


def normal_equations(x, ys, at, centres, sd, floor: float, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (p, 3) and Gauss-Newton matrix (p, 3, 3) of the loss."""
    rate, middle, flaws = np.exp(at[:, :1]), at[:, 1:2], expit(at[:, 2:])
    way = expit(rate * (x - middle))
    bend = (1.0 - flaws - floor) * way * (1.0 - way) * rate
    jacobian = np.stack([bend * (x - middle), -bend, -flaws * (1.0 - flaws) * way], axis=2) / spread
    r = (curve(x, at, floor) - ys) / spread
    weight = 1.0 / np.sqrt(1.0 + (r / HUBER) ** 2)
    slope = np.einsum("pn,pnk->pk", weight * r, jacobian) + (at - centres) / sd**2
    return slope, np.einsum("pn,pnk,pnl->pkl", weight, jacobian, jacobian) + np.diag(1.0 / sd**2)
