"""Fit of reward against reinforcement-learning compute, by the log-linear law and by the one that saturates (S02)."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares as descend
from scipy.special import expit

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.mechanisms.reinforcement import saturating_reward
from gigawatt.study.fits.line import Fitted, least_squares
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published

DATA = "rl_points"
COLUMNS = ("series", "compute", "score")

LEAST_POINTS = 6  # with some compute: a sigmoid has three free numbers, its spread is a fourth
# Where the midpoint may lie, over the least and the greatest compute of a series, and how steep the sigmoid may be.
MIDPOINTS, EXPONENTS = (0.01, 1000.0, 151), (0.1, 6.0, 61)
# Table 1 of Khatri et al. (2025): the run of its headline, between the flattest and the steepest of its curves.
PUBLISHED_EXPONENT = Published(1.92, "khatri2025", 1.09, 2.05, "range over seven curves")


@dataclass(frozen=True)
class Series:
    """One run: compute above zero, score there, and the score without any (not a number where unknown)."""

    name: str
    compute: np.ndarray
    score: np.ndarray
    start: float


@dataclass(frozen=True)
class Sigmoid:
    """start + gain / (1 + (midpoint/C)^exponent), with the same numbers for each resample, (bootstraps, 3)."""

    start: float
    gain: float
    midpoint: float
    exponent: float
    boot: np.ndarray

    def at(self, compute: np.ndarray) -> np.ndarray:
        law = (self.start, self.start + self.gain, self.midpoint, self.exponent)
        return np.asarray(saturating_reward(np.asarray(compute, float), *law))

    def band(self, compute: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Central band of the curve over resamples."""
        gain, midpoint, exponent = self.boot.T[:, :, None]
        drawn = self.start + gain * expit(exponent * np.log(np.asarray(compute, float) / midpoint))
        low, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
        return low, high


def fit(rows: Rows, *, until: str = "", bootstraps: int = 500, seed: int = 0, bayes: bool = False) -> Fit:
    """Both laws for each series of six points or more, compared by AICc and by leaving one point out.

    Columns: series (a run), compute (any unit that is proportional to it within a series; a row with zero gives the
    score before), score (share of tasks solved). Raises InputError for a score outside 0 to 1, a negative compute, no
    series long enough, a date `until`, or `bayes`, which this fit does not offer.
    """
    if until:
        raise InputError(f"until {until}: the rows of rl have no date: leave it out.")
    if bayes:
        raise InputError("bayes: the fit rl offers no posterior: its resamples give the intervals; leave it out.")
    runs = _series(rows)
    long = [run for run in runs if len(run.compute) >= LEAST_POINTS]
    if not long:
        raise InputError(f"rl: no series has {LEAST_POINTS} rows with compute above zero: give a longer run.")
    laws = [(run, _log_linear(run, bootstraps, seed), saturating(run, bootstraps, seed)) for run in long]
    compared = {run.name: _compared(run, line, curve) for run, line, curve in laws}
    left = [(run, run.score - curve.at(run.compute)) for run, _, curve in laws]
    return Fit(
        name="rl",
        title="Reward against reinforcement-learning compute",
        law="log-linear: a + b log10 C; saturating: R0 + (A - R0) / (1 + (Cmid/C)^B)",
        method=(
            "log-linear by least squares; saturating by a grid over midpoint and exponent with the gain solved in "
            f"between, then least squares from the best; {bootstraps} resamples of points"
        ),
        data=f"{DATA}.csv, {len(long)} of {len(runs)} series, {sum(len(r.compute) for r in long)} points",
        estimates=tuple(e for run, line, curve in laws for e in _estimates(run, line, curve)),
        panels=tuple(_picture(*law) for law in laws),
        residuals=Panel(
            "What the saturating law leaves",
            "compute, in the unit of the series",
            "score, observed less fitted",
            tuple(Points(run.name, run.compute, rest) for run, rest in left),
            x_scale="log",
        ),
        statistics={f"{k}: {name}": v for name, told in compared.items() for k, v in told.items()},
        notes=_notes(laws, compared),
        sources=("khatri2025",),
    )


def _series(rows: Rows) -> list[Series]:
    """Rows by series, in the order of the file, each sorted by compute."""
    found: dict[str, list[tuple[float, float]]] = {}
    for i, row in enumerate(rows, 1):
        where = f"rl, row {i}"
        compute, score = number(row, "compute", where), number(row, "score", where)
        if not 0.0 <= compute < np.inf:
            raise InputError(f"{where}: compute = {compute:g} must be zero or more: mend the row.")
        if not 0.0 <= score <= 1.0:
            raise InputError(f"{where}: score = {score:g} must be a share from 0 to 1: divide per cent by 100.")
        found.setdefault(row["series"], []).append((compute, score))
    return [_one(name, np.array(sorted(points))) for name, points in found.items()]


def _one(name: str, points: np.ndarray) -> Series:
    some = points[:, 0] > 0.0
    start = points[~some, 1].mean() if (~some).any() else np.nan
    return Series(name, points[some, 0], points[some, 1], float(start))


# ---------------------------------------------------------------- the two laws


def _log_linear(run: Series, bootstraps: int, seed: int) -> Fitted:
    return least_squares(np.log10(run.compute), run.score, bootstraps, seed)


def saturating(run: Series, bootstraps: int = 500, seed: int = 0) -> Sigmoid:
    """The sigmoid of one run and of its resamples. Without a row at zero compute the score there counts as zero.

    For each midpoint and exponent of a grid the best gain is known in closed form, with the ceiling kept at or below
    one; so no start value decides the answer.
    """
    n, start = len(run.compute), float(np.nan_to_num(run.start))
    picks = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=bootstraps)
    boot = _on_grid(run, start, picks.astype(float))
    gain, midpoint, exponent = _on_grid(run, start, np.ones((1, n)))[0]

    def left(at):
        return start + at[0] * expit(np.exp(at[2]) * (np.log(run.compute) - at[1])) - run.score

    first = np.array([min(max(gain, 1e-6), 1.0 - start - 1e-6), np.log(midpoint), np.log(exponent)])
    # an e-fold beyond the grid, so that its ends are no walls
    least = [0.0, np.log(run.compute[0] * MIDPOINTS[0]) - 1.0, np.log(EXPONENTS[0]) - 1.0]
    most = [1.0 - start, np.log(run.compute[-1] * MIDPOINTS[1]) + 1.0, np.log(EXPONENTS[1]) + 1.0]
    best = descend(left, first, bounds=(least, most), x_scale=[0.1, 1.0, 1.0]).x
    return Sigmoid(start, float(best[0]), float(np.exp(best[1])), float(np.exp(best[2])), boot)


def _on_grid(run: Series, start: float, weights: np.ndarray) -> np.ndarray:
    """(weights, 3): gain, midpoint and exponent with the least weighted square error, for each row of weights."""
    low, high, count = MIDPOINTS
    midpoints = np.geomspace(run.compute[0] * low, run.compute[-1] * high, count)
    midpoint, exponent = (g.ravel() for g in np.meshgrid(midpoints, np.geomspace(*EXPONENTS), indexing="ij"))
    done = expit(exponent * np.log(run.compute[:, None] / midpoint))
    gained = (run.score - start)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        cross, square = weights @ (done * gained), weights @ done**2
        gain = np.clip(np.nan_to_num(cross / square), 0.0, 1.0 - start)
    error = gain**2 * square - 2.0 * gain * cross
    at = np.argmin(error, axis=1)
    return np.stack([gain[np.arange(len(at)), at], midpoint[at], exponent[at]], axis=1)


def _compared(run: Series, line: Fitted, curve: Sigmoid) -> dict[str, float]:
    """Corrected AIC of both laws, and the root mean square error at points left out."""
    n = len(run.compute)
    straight = run.score - line.at(np.log10(run.compute))
    bent = run.score - curve.at(run.compute)
    others = 1.0 - np.eye(n)
    gain, midpoint, exponent = _on_grid(run, curve.start, others).T
    bent_out = run.score - (curve.start + gain * expit(exponent * np.log(run.compute / midpoint)))
    straight_out = [_miss(run, keep.astype(bool)) for keep in others]
    return {
        "aicc_log_linear": _aicc(straight, 3),
        "aicc_saturating": _aicc(bent, 4),
        "left_out_log_linear": float(np.sqrt(np.mean(np.square(straight_out)))),
        "left_out_saturating": float(np.sqrt(np.mean(bent_out**2))),
    }


def _miss(run: Series, keep: np.ndarray) -> float:
    """Error of the log-linear law at the one point that is not kept."""
    x = np.log10(run.compute)
    return float((run.score[~keep] - least_squares(x[keep], run.score[keep], bootstraps=2).at(x[~keep]))[0])


def _aicc(left: np.ndarray, numbers: int) -> float:
    """Akaike's criterion for normal errors, corrected for few points; `numbers` counts the spread too."""
    n = len(left)
    few = 2.0 * numbers * (numbers + 1) / (n - numbers - 1) if n > numbers + 1 else np.inf
    return float(n * np.log(max(np.mean(left**2), 1e-12)) + 2.0 * numbers + few)


# ---------------------------------------------------------------- what is told


def _estimates(run: Series, line: Fitted, curve: Sigmoid) -> list[Estimate]:
    """The numbers of both laws, and what each says for ten times the compute of the last point."""
    last = run.compute[-1]
    more = np.array([last, 10.0 * last])
    gain, midpoint, exponent = curve.boot.T
    steps = [curve.start + gain * expit(exponent * np.log(c / midpoint)) for c in more]

    def told(name, meaning, unit, value, drawn, published=None, why=""):
        # few resamples, or a ceiling at its bound, may leave the value just outside: the interval holds it always
        low, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
        ends = min(float(low), float(value)), max(float(high), float(value))
        return Estimate(f"{run.name}: {name}", meaning, unit, float(value), *ends, published, why)

    why = "another task, another recipe and a shorter run: an order of magnitude to compare, no test"
    next_tenfold = np.diff(curve.at(more))[0]
    return [
        told("per_tenfold", "log-linear law: gain of every tenfold", "share", line.slope, line.boot[:, 1]),
        told("next_tenfold", "saturating law: gain of the next tenfold", "share", next_tenfold, steps[1] - steps[0]),
        told("ceiling", "saturating law: score at the end", "share", curve.start + curve.gain, curve.start + gain),
        told("midpoint", "saturating law: compute of half the gain", "1", curve.midpoint, midpoint),
        told("exponent", "saturating law: steepness", "1", curve.exponent, exponent, PUBLISHED_EXPONENT, why),
    ]


def _picture(run: Series, line: Fitted, curve: Sigmoid) -> Panel:
    """The points of one run and both laws, to ten times its compute."""
    over = np.geomspace(run.compute[0], 10.0 * run.compute[-1], 80)
    lines = (
        Line("log-linear", over, line.at(np.log10(over))),
        Line("saturating", over, curve.at(over), *curve.band(over)),
    )
    points = (Points("observed", run.compute, run.score),)
    return Panel(run.name, "compute, in the unit of the series", "score", points, lines, "log")


def _notes(laws: list, compared: dict[str, dict[str, float]]) -> tuple[str, ...]:
    """Which law is preferred for each run, and how little the data can say."""
    told = []
    for run, line, curve in laws:
        c = compared[run.name]
        better = "saturating" if c["aicc_saturating"] < c["aicc_log_linear"] else "log-linear"
        out = "saturating" if c["left_out_saturating"] < c["left_out_log_linear"] else "log-linear"
        last = np.array([1.0, 10.0]) * run.compute[-1]
        told.append(
            f"{run.name}: AICc prefers the {better} law by {abs(c['aicc_saturating'] - c['aicc_log_linear']):.1f}, "
            f"leaving one out the {out} one. Ten times more compute: log-linear {line.slope:+.2f}, "
            f"saturating {np.diff(curve.at(last))[0]:+.2f}."
        )
    return (
        *told,
        f"Series with fewer than {LEAST_POINTS} points above zero compute are left out.",
        "A share cannot pass one: on a bounded score every law must bend, and that says nothing of a broad index.",
        "No lab has published compute and scores of a frontier run (fact rl-no-public-law). The series that ship are "
        "small runs on school mathematics, by step and not by operations: examples for the method, no prior.",
    )
