"""Time horizon: the length of task that the best models complete, and how fast it doubles (METR).

log2 h = a + (t - t0) / doubling time, for models that set a record in their suite of tasks; the forecast lets the
slope wander. Kwa, West et al. (2025), arXiv:2503.14499. Horizons are minutes of an expert's time, at 50 % success
unless said otherwise.
"""

from dataclasses import replace

import numpy as np
from scipy.stats import norm

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, table
from gigawatt.study.fits import horizon_on_eci
from gigawatt.study.fits.horizon_models import Models, read
from gigawatt.study.fits.horizon_windows import doubling, doubling_times
from gigawatt.study.fits.localtrend import Trend, local_trend
from gigawatt.study.fits.records import FEWEST, MEMBERS, Frontier, ahead, told
from gigawatt.study.fits.result import Estimate, Fit, Panel, Points

DATA = "metr_time_horizons"
COLUMNS = ("release_date", "model", "suite", "p50_min_ci_low", "p50_min", "p50_min_ci_high", "p80_min")
NOTES = (
    "Suites do not mix: the old one runs out of long tasks and says shorter horizons for recent models.",
    "A published trend depends on its models: METR leaves out horizons above 16 hours, and each update adds models "
    "and revises old ones. The windows here give the published values when they take the same models.",
    "Our intervals resample models; METR's resample tasks and runs, and hold the models fixed.",
    "The forecast is of the best measured horizon at a date, measured as well as records usually are; it never lies "
    "below the last record known.",
    "Horizons are measured after release, some by a year: a hindcast knows the release, not the day of measurement.",
)


def fit(rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False) -> Fit:
    """Doubling times by window and suite, the forecast of the newest suite's frontier, and horizon against ECI.

    rows: COLUMNS, one model of one suite a row. The forecast is in minutes at calendar years. Raises InputError for
    a horizon that is not above zero, a date that is none, or fewer than FEWEST records.
    """
    suites = read(rows)
    known = {s: m.pick(m.date <= until) if until else m for s, m in suites.items()}
    newest = known[max(known)]
    front = newest.frontier()
    if len(front) < FEWEST:
        raise InputError(f"horizon: {len(front)} records of {max(known)}: a trend needs {FEWEST}; widen the data.")
    later = suites[max(known)].frontier()
    later = later.pick(later.date > until) if until else later.pick(np.zeros(len(later), bool))
    trend = local_trend(front.year, np.log2(front.p50), front.error)
    doublings = doubling_times(known, bootstraps, seed)
    # What was published knew the data after `until`: no comparison then.
    doublings = [replace(e, published=None, why="") for e in doublings] if until else doublings
    result = Fit(
        name="horizon",
        title="Time horizon of frontier models",
        law="log2 h = a + (t - t0) / doubling time; the forecast lets the slope wander",
        method="least squares on records, cases bootstrapped; forecast by a local linear trend, exact posterior",
        data=f"{DATA}.csv: {', '.join(f'{len(m)} models of {s}' for s, m in known.items())}",
        estimates=(*doublings, doubling_now(trend, seed)),
        panels=(),
        residuals=residuals(front, trend),
        statistics={"n": float(len(front)), "step": trend.step_mean, "scatter": trend.scatter_mean},
        notes=NOTES,
        sources=("metr-horizons", "epoch-eci"),
        until=until,
        forecast=lambda x, n, seed: np.exp2(ahead(trend.observed(x, n, seed), x, trend)),
        to_scale=np.log2,
    )
    others = newest.pick(~np.isin(newest.name, front.name))
    frontier = Frontier(
        y_label="Time horizon at 50 % success [minute]",
        y_scale="log",
        trend=trend,
        to_outcome=np.exp2,
        records=points("records", front),
        others=points("other models", others),
        later=points("records held out", later, held_out=True),
        later_names=tuple(map(str, later.name)),
    )
    return with_eci(told(result, frontier, seed, bayes), newest, bootstraps, seed)


def doubling_now(trend: Trend, seed: int) -> Estimate:
    """Doubling time at the date of the last record, the slope having wandered. [days]"""
    drawn = trend.slope(trend.t[-1:], MEMBERS, seed)[:, 0]
    meaning = f"doubling time at {trend.t[-1]:.1f}, slope that wanders"
    return doubling("now", meaning, float(trend.mean(trend.t[-1:], slope=True)[0]), drawn)


def residuals(front: Models, trend: Trend) -> Panel:
    """Distance of the records from the wandering trend, with their measurement error."""
    left = trend.y - trend.mean(front.year)
    wide = norm.ppf(0.95) * front.error
    shown = Points("records, 90 % of measurement", front.year, left, left - wide, left + wide)
    return Panel("What is left", "Release", "Horizon over trend [doublings]", (shown,), x_scale="date")


def with_eci(result: Fit, models: Models, bootstraps: int, seed: int) -> Fit:
    """The fit with doublings per point of capability, where enough models are in Epoch's index too."""
    joined = horizon_on_eci.pairs(list(zip(models.name, models.year, models.p50, strict=True)), table("eci_scores"))
    if len(joined) < horizon_on_eci.FEWEST:
        return result
    estimate, checks, panel = horizon_on_eci.relation(joined, bootstraps, seed)
    return replace(
        result,
        estimates=(*result.estimates, replace(estimate, published=None, why="") if result.until else estimate),
        panels=(*result.panels, panel),
        statistics={**result.statistics, **checks},
    )


def points(label: str, models: Models, held_out: bool = False) -> Points:
    """Models to draw, with their published intervals."""
    return Points(label, models.year, models.p50, models.p50_low, models.p50_high, held_out)
