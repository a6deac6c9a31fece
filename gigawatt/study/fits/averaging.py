"""Model averaging: forecasts of several laws pooled by weights that their past forecasts of other series have earned.

Each series is cut at several origins, every candidate forecasts the rows after, and the weights of the pool minimise
its mean CRPS over all series but the one that is forecast: nothing of that one's future is used. Stacking of predictive
distributions: Yao, Vehtari, Simpson & Gelman (2018), Bayesian Analysis 13:917-1007; origins that only look back:
Bürkner, Gabry & Vehtari (2020), arXiv:1902.06281; by the CRPS: Thorey, Mallet & Baudin (2017), QJRMS 143:521-529.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from gigawatt.core.errors import InputError
from gigawatt.study.fits.growth_curves import FEWEST, Grown, Prior, Series, grow
from gigawatt.study.fits.growth_solver import LENGTH
from gigawatt.study.fits.localtrend import local_trend

CANDIDATES = ("bass", "logistic", "gompertz", "bass with prior", "random walk", "local trend")
ORIGINS = (0.4, 0.6, 0.8)  # share of the rows that is known
STEPS = 10  # rows ahead, at most
MEMBERS = 60  # quantiles that stand for a forecast in scores
DRAWS = 400
RECENT = 20  # rows that the local trend looks at
EDGE = 0.005  # nearest to none and to all that a share is taken as by the logit
MARKET_SHARE = (1.0, 1.5)  # judgement: logit of the final share, mean and sd: 73 %, 19 % to 97 %
MARKET_TIMES = (1.0, 1.0)  # judgement: log of the market over what is reached, where nothing caps it: 2.7, 0.5 to 14


@dataclass(frozen=True)
class Case:
    """One series cut at one origin: what was known, and what came (steps,) at times t."""

    known: Series
    t: np.ndarray
    came: np.ndarray


@dataclass(frozen=True)
class Study:
    """Forecasts and scores of all cases. `crps`: (cases, candidates), mean over steps, in the unit of the series.

    pooled: (cases,) CRPS of the weighted pool, its weights earned on other series; equal: with equal weights.
    near, apart: (cases, candidates) and (cases, candidates, candidates), mean distance of members from what came and
    from one another. weights: {series: (candidates,)}; everyone: (candidates,) earned on all series.
    covered: (cases,) share of the steps inside the pool's 90 % band.
    """

    cases: tuple[Case, ...]
    crps: np.ndarray
    pooled: np.ndarray
    equal: np.ndarray
    near: np.ndarray
    apart: np.ndarray
    weights: dict[str, np.ndarray]
    everyone: np.ndarray
    covered: np.ndarray

    def by_series(self, scores: np.ndarray) -> dict[str, float]:
        """Mean over the origins of each series, of one column of scores (cases,)."""
        names = np.array([c.known.name for c in self.cases])
        return {str(n): float(scores[names == n].mean()) for n in dict.fromkeys(names)}

    def skill(self, against: str) -> dict[str, float]:
        """CRPS of the pool over that of one candidate, by series: below one is better. [ratio]"""
        pool, other = self.by_series(self.pooled), self.by_series(self.crps[:, CANDIDATES.index(against)])
        return {name: pool[name] / other[name] for name in pool}


def cases(series: list[Series], origins: tuple[float, ...] = ORIGINS, steps: int = STEPS) -> list[Case]:
    """Each series cut at each origin where FEWEST rows that vary are known and one row is left."""
    found = []
    for s in series:
        for rows in sorted({int(np.floor(share * len(s.y))) for share in origins}):
            if rows < FEWEST or rows >= len(s.y) or np.ptp(s.y[:rows]) == 0.0:
                continue
            known = s.head(rows)
            ahead = s.t[rows : rows + steps] - s.t[0] + known.t[0]
            found.append(Case(known, ahead, s.y[rows : rows + steps]))
    return found


def forecasts(
    known: list[Series], ahead: list[np.ndarray], prior: Prior, draws: int = DRAWS, seed: int = 0, bootstraps: int = 48
) -> list[np.ndarray]:
    """Per series (candidates, draws, t): what each of CANDIDATES expects at the times `ahead`.

    prior: of the Bass law, rates per year; its market is replaced by what each series allows.
    """
    curves: dict[str, list[Grown]] = {c: by_length(known, c, bootstraps, seed, None) for c in CANDIDATES[:3]}
    curves["bass with prior"] = by_length(known, "bass", bootstraps, seed, [priced(prior, s) for s in known])
    out = []
    for i, (s, t) in enumerate(zip(known, ahead, strict=True)):
        drawn = [curves[c][i].draws(t, draws, seed + 1000 * i + k) for k, c in enumerate(CANDIDATES[:4])]
        out.append(np.stack([*drawn, walk(s, t, draws, seed + i), wander(s, t, draws, seed + i)]))
    return out


def by_length(known: list[Series], curve: str, bootstraps: int, seed: int, priors: list[Prior] | None) -> list[Grown]:
    """grow(), long series apart from short ones, so that short ones are not padded to the length of the long."""
    out: dict[int, Grown] = {}
    for blocks in sorted({len(s.y) // LENGTH for s in known}):
        which = [i for i, s in enumerate(known) if len(s.y) // LENGTH == blocks]
        some = None if priors is None else [priors[i] for i in which]
        found = grow([known[i] for i in which], curve, "level", bootstraps, seed, some)
        out.update(zip(which, found, strict=True))
    return [out[i] for i in range(len(known))]


def priced(prior: Prior, series: Series) -> Prior:
    """The prior in the unit of time of the series, with what is judged of its market."""
    times = np.log(series.period)
    centre, sd = MARKET_SHARE if np.isfinite(series.cap) else MARKET_TIMES
    room = centre if np.isfinite(series.cap) else centre + np.log(series.y.max())
    return Prior(np.array([room, *(prior.mean[1:] + times)]), np.array([sd, *prior.sd[1:]]))


def walk(series: Series, t: np.ndarray, n: int, seed: int) -> np.ndarray:
    """(n, t): a random walk with drift in the logit of the share of the cap, in the log where nothing caps it."""
    rng, (z, back) = np.random.default_rng(seed), _straightened(series)
    gap, span = np.diff(series.t), series.t[-1] - series.t[0]
    drift = (z[-1] - z[0]) / span
    step = np.sqrt(np.sum((np.diff(z) - drift * gap) ** 2 / gap) / max(len(gap) - 1, 1))
    slope = drift + step / np.sqrt(span) * rng.standard_normal((n, 1))
    ahead = np.diff(t, prepend=series.t[-1])
    return back(
        z[-1] + slope * (t - series.t[-1]) + np.cumsum(step * np.sqrt(ahead) * rng.standard_normal((n, len(t))), 1)
    )


def wander(series: Series, t: np.ndarray, n: int, seed: int) -> np.ndarray:
    """(n, t): a local linear trend through the last RECENT rows, on the scale of `walk`."""
    z, back = _straightened(series)
    return back(local_trend(series.t[-RECENT:], z[-RECENT:]).observed(t, n, seed))


def _straightened(series: Series):
    top = series.cap if np.isfinite(series.cap) else float(series.y.max())
    share = np.maximum(series.y / top, EDGE)
    if np.isfinite(series.cap):
        return logit(np.minimum(share, 1.0 - EDGE)), lambda z: top * expit(z)
    return np.log(share), lambda z: top * np.exp(z)


def leave_future_out(
    series: list[Series],
    prior: Prior,
    origins: tuple[float, ...] = ORIGINS,
    steps: int = STEPS,
    bootstraps: int = 48,
    seed: int = 0,
) -> Study:
    """Forecast every series from every origin, score all candidates, and pool them by weights from other series."""
    cut = cases(series, origins, steps)
    drawn = forecasts([c.known for c in cut], [c.t for c in cut], prior, DRAWS, seed, bootstraps)
    members = [np.quantile(d, (np.arange(MEMBERS) + 0.5) / MEMBERS, axis=1) for d in drawn]  # (members, candidates, t)
    near = np.array([np.abs(m - c.came).mean(axis=(0, 2)) for m, c in zip(members, cut, strict=True)])
    apart = np.array([distances(m) for m in members])
    crps = near - 0.5 * np.einsum("cii->ci", apart)
    size = np.maximum(crps.mean(axis=1), 1e-12)
    names = np.array([c.known.name for c in cut])
    weights = {str(n): stack(*_scaled(near, apart, size, names != n)) for n in dict.fromkeys(names)}
    used = np.array([weights[str(n)] for n in names])
    even = np.full(len(CANDIDATES), 1.0 / len(CANDIDATES))
    covered = np.array([_covered(m, w, c.came) for m, w, c in zip(members, used, cut, strict=True)])
    everyone = stack(*_scaled(near, apart, size, np.ones(len(cut), bool)))
    pooled = np.array([pool_crps(*x) for x in zip(used, near, apart, strict=True)])
    equal = np.array([pool_crps(even, *x) for x in zip(near, apart, strict=True)])
    return Study(tuple(cut), crps, pooled, equal, near, apart, weights, everyone, covered)


def distances(members: np.ndarray) -> np.ndarray:
    """(candidates, candidates): mean distance between members of two forecasts, over times; members (m, c, t)."""
    return np.array(
        [np.abs(members[:, None, i, None] - members[None]).mean(axis=(0, 1, 3)) for i in range(members.shape[1])]
    )


def pool_crps(weights: np.ndarray, near: np.ndarray, apart: np.ndarray) -> float:
    """CRPS of the weighted pool, sum w_i E|X_i - y| - sum w_i w_j E|X_i - X_j| / 2.

    Gneiting & Raftery (2007), Journal of the American Statistical Association 102:359-378, eq. 21, for a mixture.
    """
    return float(weights @ near - 0.5 * weights @ apart @ weights)


def stack(near: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Weights (candidates,) of at least zero that add to one and give the pool the lowest CRPS; a convex problem.

    near (candidates,) and apart (candidates, candidates): means over cases, as in `pool_crps`.
    """
    n = len(near)
    found = minimize(
        pool_crps,
        np.full(n, 1.0 / n),
        (near, apart),
        "SLSQP",
        jac=lambda w, near, apart: near - apart @ w,
        bounds=[(0.0, 1.0)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": lambda w: np.ones(n)},
        options={"ftol": 1e-10},
    ).x
    found = np.clip(found, 0.0, None)
    return found / found.sum()


def as_weights(weights: np.ndarray) -> np.ndarray:
    """Weights of CANDIDATES, made to add to one. Raises InputError for another number of them, or a negative one."""
    w = np.asarray(weights, float)
    if w.shape != (len(CANDIDATES),) or not (w >= 0.0).all() or not 0.0 < w.sum() < np.inf:
        raise InputError(
            f"weights {np.array2string(w)}: give {len(CANDIDATES)}, of {', '.join(CANDIDATES)}, from zero up."
        )
    return w / w.sum()


def pooled(drawn: np.ndarray, weights: np.ndarray, n: int, seed: int) -> np.ndarray:
    """(n, t): members of the weighted pool, from the draws (candidates, draws, t) of each."""
    rng = np.random.default_rng(seed)
    return drawn[rng.choice(len(weights), size=n, p=weights), rng.integers(drawn.shape[1], size=n)]


def _scaled(near, apart, size, which):
    """Mean over cases, each case measured by the mean CRPS of its candidates, so that none counts by its unit."""
    return (near / size[:, None])[which].mean(axis=0), (apart / size[:, None, None])[which].mean(axis=0)


def _covered(members: np.ndarray, weights: np.ndarray, came: np.ndarray) -> float:
    below = np.einsum("mct,c->t", members < came, weights) / len(members)
    same = np.einsum("mct,c->t", members == came, weights) / len(members)
    return float(np.mean((below <= 0.95) & (below + same >= 0.05)))
