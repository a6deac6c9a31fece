"""Records: the frontier as the observations that beat all before them, drawn and scored with its forecast."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.study.fits import posterior
from gigawatt.study.fits.localtrend import Trend, local_trend
from gigawatt.study.fits.result import LEVEL, Fit, Line, Panel, Points, Score
from gigawatt.study.score import central_interval

AHEAD = 2.0  # years that a picture looks ahead
MEMBERS = 2000  # draws behind a band
FEWEST = 6  # records: with fewer, neither a wandering slope nor a break can be told from scatter


def records(year: np.ndarray, value: np.ndarray, settle: float = 0.0) -> np.ndarray:
    """Which observations beat all earlier ones and are the best of their day: (n,) of bool.

    settle: years at the start in which only the best counts, because the first rows of a table have nothing to beat.
    """
    year, value = np.asarray(year, float), np.asarray(value, float)
    day = np.maximum(year, year.min() + settle) if len(year) else year
    return np.array([_beats(i, day, value) for i in range(len(day))], dtype=bool)


def _beats(i: int, day: np.ndarray, value: np.ndarray) -> bool:
    best_of_day = np.flatnonzero(day == day[i])[np.argmax(value[day == day[i]])]
    return bool(i == best_of_day and np.all(value[day < day[i]] < value[i]))


def ahead(members: np.ndarray, x: np.ndarray, trend: Trend) -> np.ndarray:
    """Draws (n, x) of an observation as draws of the frontier: never below the last record at dates after it."""
    later = np.asarray(x, float) > trend.t.max()
    return np.where(later, np.maximum(members, trend.y.max()), members)


@dataclass(frozen=True)
class Frontier:
    """What a fit of records draws and scores: the trend on its own scale, and the points in units of the outcome."""

    y_label: str
    y_scale: str
    trend: Trend
    to_outcome: Callable[[np.ndarray], np.ndarray]
    records: Points
    others: Points
    later: Points
    later_names: tuple[str, ...]


def told(result: Fit, frontier: Frontier, seed: int, bayes: bool) -> Fit:
    """The fit with the picture of its forecast beside a straight line's, and both scores where data were held out.

    bayes: with the posterior by sampling too (posterior.py), as the check of the exact one.
    """
    trend, of, held_out = frontier.trend, frontier.to_outcome, len(frontier.later.x) > 0
    straight = local_trend(trend.t, trend.y, trend.error, step_scale=0.0)
    plain = replace(result, forecast=lambda x, n, seed: of(ahead(straight.observed(x, n, seed), x, trend)))
    x = np.linspace(trend.t.min(), max([trend.t.max(), *frontier.later.x]) + AHEAD, 60)
    drawn = replace(result, forecast=lambda x, n, seed: of(straight.observed(x, n, seed)))
    lines = [_band("slope that wanders", x, result), _band("straight line", x, drawn)]
    statistics: dict[str, float] = dict(result.statistics)
    shown = [frontier.records, frontier.others]
    if held_out:
        result = replace(result, held=_score(result, frontier))
        statistics |= _scores("held", _score(result, frontier)) | _scores("held_straight", _score(plain, frontier))
        shown.append(frontier.later)
    if bayes:
        sampled, checks = _sampled(result, frontier, x, seed)
        lines.append(_band("slope that wanders, sampled", x, sampled))
        statistics |= checks | (_scores("held_sampled", _score(sampled, frontier)) if held_out else {})
    panel = Panel(result.title, "Release", frontier.y_label, tuple(shown), tuple(lines), "date", frontier.y_scale)
    return replace(result, panels=(panel, *result.panels), statistics=statistics)


def _sampled(result: Fit, frontier: Frontier, x: np.ndarray, seed: int) -> tuple[Fit, dict[str, float]]:
    """The fit with draws of the sampler as its forecast, known at `x` and at the dates held out."""
    trend = frontier.trend
    at = np.unique(np.concatenate([x, frontier.later.x]))
    found = posterior.trend(trend.t, trend.y, trend.error, at, seed=seed)
    outcome = frontier.to_outcome(ahead(found.observed, at, trend))
    checks = {
        "sampled_step": float(found.step.mean()),
        "sampled_scatter": float(found.scatter.mean()),
        "sampled_divergences": float(found.divergences),
    }
    return replace(result, forecast=lambda when, n, seed: outcome[:, np.searchsorted(at, when)]), checks


def _band(label: str, x: np.ndarray, fit: Fit) -> Line:
    members = fit.members(x, MEMBERS, 0)
    low, high = central_interval(members, LEVEL)
    return Line(label, x, np.median(members, axis=0), low, high)


def _score(fit: Fit, frontier: Frontier) -> Score:
    return fit.score(frontier.later.x, frontier.later.y, frontier.later_names)


def _scores(of: str, score: Score) -> dict[str, float]:
    return {
        f"{of}_crps": float(score.crps.mean()),
        f"{of}_coverage_90": score.coverage(LEVEL),
        f"{of}_coverage_50": score.coverage(0.5),
    }
