"""How long something takes when some have not happened yet: accelerated failure times with right censoring.

ln T = x b + s e, with e Gumbel (Weibull T), normal (lognormal T) or log-gamma (gamma T, shape 1/s^2): Kalbfleisch &
Prentice (2002), The Statistical Analysis of Failure Time Data, ch. 3; Kaplan & Meier (1958), JASA 53:457-481.
What has happened counts with its density, what has not with the chance of lasting so long, and what happened between
two looks with the chance of ending between them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import minimize

from gigawatt.core.errors import InputError

LAWS: dict[str, Callable[[np.ndarray, float], stats.rv_continuous]] = {
    "Weibull": lambda m, s: stats.weibull_min(1.0 / s, scale=np.exp(m)),
    "lognormal": lambda m, s: stats.lognorm(s, scale=np.exp(m)),
    "gamma": lambda m, s: stats.gamma(1.0 / s**2, scale=np.exp(m) * s**2),
}
FEWEST = 8  # events: below that, spread and trend cannot be told apart


@dataclass(frozen=True)
class Durations:
    """Times in years, whether each has ended (or only lasts so long already), and covariates, (n, k).

    since: the last time at which each was known to go on, where it ended at some time between two looks.
    """

    time: np.ndarray
    ended: np.ndarray
    x: np.ndarray
    since: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.time)

    def pick(self, rows: np.ndarray) -> "Durations":
        since = None if self.since is None else self.since[rows]
        return Durations(self.time[rows], self.ended[rows], self.x[rows], since)


@dataclass(frozen=True)
class Lasting:
    """A law of LAWS with its coefficients (k,), spread `s`, and log likelihood."""

    law: str
    b: np.ndarray
    s: float
    likelihood: float

    def at(self, x: np.ndarray) -> stats.rv_continuous:
        """The distribution of the duration at covariates (..., k), as SciPy has it."""
        return LAWS[self.law](np.asarray(x, float) @ self.b, self.s)

    @property
    def aic(self) -> float:
        """Akaike's criterion; lower is better."""
        return 2.0 * (len(self.b) + 1) - 2.0 * self.likelihood


def log_likelihood(law: str, data: Durations, b: np.ndarray, s: float) -> float:
    """Sum of ln density over what has ended and of ln survival over what has not."""
    m = data.x @ b
    if data.since is not None:
        between = LAWS[law](m, s)
        gone = between.sf(data.since) - between.sf(data.time)
        return float(np.sum(np.log(np.maximum(np.where(data.ended, gone, between.sf(data.time)), 1e-300))))
    if law == "Weibull":  # written out: SciPy's own takes forty times as long, and the bootstrap asks often
        w = (np.log(data.time) - m) / s
        return float(np.sum(data.ended * (w - np.log(s * data.time)) - np.exp(np.minimum(w, 500.0))))
    known = LAWS[law](m, s)
    return float(np.sum(np.where(data.ended, known.logpdf(data.time), known.logsf(data.time))))


def lasting(data: Durations, law: str, start: np.ndarray | None = None) -> Lasting:
    """The law of greatest likelihood. Raises InputError for fewer than FEWEST that ended or times not above zero."""
    if int(data.ended.sum()) < FEWEST:
        raise InputError(f"durations: {int(data.ended.sum())} have ended, {FEWEST} are needed: widen the data.")
    if not (np.isfinite(data.time).all() and np.isfinite(data.x).all() and (data.time > 0.0).all()):
        raise InputError("durations: times must be finite and above zero, covariates finite: mend or drop the row.")
    first = np.linalg.lstsq(data.x, np.log(data.time), rcond=None)[0]
    begin = np.append(first, np.log(0.5)) if start is None else start

    def cost(p: np.ndarray) -> float:
        value = -log_likelihood(law, data, p[:-1], float(np.exp(np.clip(p[-1], -5.0, 3.0))))
        return value if np.isfinite(value) else 1e10

    found = minimize(cost, begin, method="BFGS")
    return Lasting(law, found.x[:-1], float(np.exp(np.clip(found.x[-1], -5.0, 3.0))), -float(found.fun))


def bootstrapped(data: Durations, law: str, bootstraps: int, seed: int) -> list[Lasting]:
    """The same law on resampled cases, censored ones with them (Efron 1981, JASA 76:312-319)."""
    rng, best = np.random.default_rng(seed), lasting(data, law)
    found: list[Lasting] = []
    start = np.append(best.b, np.log(best.s))
    while len(found) < bootstraps:
        again = data.pick(rng.integers(len(data), size=len(data)))
        if again.ended.sum() >= FEWEST and np.linalg.matrix_rank(again.x) == again.x.shape[1]:
            found.append(lasting(again, law, start))
    return found


def kaplan_meier(time: np.ndarray, ended: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times at which something ended, and the share that has ended by then, censoring allowed for: (m,) each."""
    at = np.unique(time[ended])
    risk = np.array([(time >= t).sum() for t in at])
    ends = np.array([(ended & (time == t)).sum() for t in at])
    return at, 1.0 - np.cumprod(1.0 - ends / risk)
