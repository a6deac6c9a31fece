"""Capability index: growth of the best score on the Epoch Capabilities Index, and whether it sped up.

Record scores against the date of release: one line, two lines that meet (breaks.py), and for the forecast a slope
that wanders (localtrend.py). The index is a latent ability from many benchmarks (Ho et al. 2025, arXiv:2512.00193),
scaled so that Claude 3.5 Sonnet is 130 and GPT-5 is 150; every vintage estimates it anew.
"""

from dataclasses import replace

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.study.fits.breaks import DRAWN, Kink, candidates, kink, p_value, resampled
from gigawatt.study.fits.line import least_squares
from gigawatt.study.fits.localtrend import Trend, local_trend
from gigawatt.study.fits.records import FEWEST, MEMBERS, Frontier, ahead, records, told
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published

DATA = "eci_scores"
COLUMNS = ("date", "model", "eci", "vintage")
VINTAGE = "epoch_2026-07"  # of the shipped table: the fullest
SETTLE = 30 / 365.25  # years: the first models of a table have nothing to beat, so that of these only the best counts
UNIT = "ECI point/year"
FASTER = 2024.25  # April 2024, the published break
NOTES = (
    "A vintage is a scale of its own: vintages are never mixed.",
    "Records are running maxima: each depends on the last, and a surprise can only be upwards. The p-values by runs "
    "of residuals and by random signs allow for dependence and unequal spread; none knows the law of records.",
    "The published break is of 149 models from December 2021 on; this vintage begins in February 2023, so that few "
    "records lie before the break and the slope there is hardly known.",
    "With the very first model counted as a record, there is no break to be seen (p_value_from_first_row).",
    "The forecast is of the best score at a date and never lies below the last record known. A hindcast takes the "
    "scores that the vintage gives to old models, which nobody knew at the date.",
)


def fit(rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False) -> Fit:
    """Growth of the record score, test for a break in it, and its forecast.

    rows: COLUMNS, one model a row; of the shipped table the vintage VINTAGE is used. The forecast is in points at
    calendar years. Raises InputError for other rows of several vintages, a date or a score that is none, or fewer
    than FEWEST records.
    """
    name, date, year, eci = one_vintage(rows)
    best, past = records(year, eci, SETTLE), date <= until if until else np.ones(len(date), bool)
    t, y = year[best & past], eci[best & past]
    if len(t) < FEWEST:
        raise InputError(f"eci: {len(t)} records: a trend needs {FEWEST}; widen the data.")
    trend = local_trend(t, y)
    estimates = growth(t, y, trend, bootstraps, seed) + break_in_slope(t, y, bootstraps, seed)
    result = Fit(
        name="eci",
        title="Record scores on the Epoch Capabilities Index",
        law="eci = a + b t, with a break b -> b' at an unknown date; the forecast lets the slope wander",
        method="least squares on records; sup-F by bootstrap; forecast by a local linear trend, exact posterior",
        data=f"{DATA}.csv, one vintage: {int(past.sum())} models, {len(t)} records",
        # What was published knew the data after `until`: no comparison then.
        estimates=tuple(replace(e, published=None, why="") if until else e for e in estimates),
        panels=(break_panel(t, y),),
        residuals=residuals(t, y, trend),
        statistics={
            "n": float(len(t)),
            "step": trend.step_mean,
            "scatter": trend.scatter_mean,
            **tests(t, y, year[past], eci[past], bootstraps, seed),
        },
        notes=NOTES,
        sources=("epoch-eci",),
        until=until,
        forecast=lambda x, n, seed: ahead(trend.observed(x, n, seed), x, trend),
    )
    others, later = past & ~best, best & ~past
    frontier = Frontier(
        y_label="Epoch Capabilities Index [point]",
        y_scale="linear",
        trend=trend,
        to_outcome=np.asarray,
        records=Points("records", t, y),
        # Far below the frontier the picture would be of something else.
        others=Points("other models", year[others & (eci > y.min())], eci[others & (eci > y.min())]),
        later=Points("records held out", year[later], eci[later], held_out=True),
        later_names=tuple(map(str, name[later])),
    )
    return told(result, frontier, seed, bayes)


def one_vintage(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Name, date, calendar year and score of the models of one vintage, in the order of release.

    VINTAGE out of the vintages that ship; else the rows must be of one. Raises InputError where they are not.
    """
    vintages = {r["vintage"] for r in rows}
    shipped = VINTAGE in vintages and vintages <= {r["vintage"] for r in table(DATA)}
    if len(vintages) > 1 and not shipped:
        raise InputError(f"{DATA}: vintages {', '.join(sorted(vintages))}: scales differ, keep the rows of one.")
    chosen = VINTAGE if shipped else vintages.pop()
    rows = sorted((r for r in rows if r["vintage"] == chosen), key=lambda r: r["date"])
    where = [f"{DATA}, {r['model']}" for r in rows]
    eci = np.array([number(r, "eci", w) for r, w in zip(rows, where, strict=True)])
    for place, score in zip(where, eci, strict=True):
        if not np.isfinite(score):
            raise InputError(f"{place}: eci = {score:g}: give a number, or drop the row.")
    year = np.array([year_of(r["date"], w) for r, w in zip(rows, where, strict=True)])
    return np.array([r["model"] for r in rows]), np.array([r["date"] for r in rows]), year, eci


def growth(t: np.ndarray, y: np.ndarray, trend: Trend, bootstraps: int, seed: int) -> list[Estimate]:
    """Growth of the record score: on one line, since the published break, and now. [points per year]"""
    line = least_squares(t, y, bootstraps, seed)
    found = [_estimate("growth", "growth of the record score, one line", line.slope, line.boot[:, 1])]
    recent = t >= FASTER
    if recent.sum() >= FEWEST:
        line = least_squares(t[recent], y[recent], bootstraps, seed)
        after = Published(15.5, "reference-values")
        meaning, why = "growth of the record score since April 2024, one line", "the same date, a later vintage"
        found.append(_estimate("growth_since_2024_04", meaning, line.slope, line.boot[:, 1], after, why))
    drawn = trend.slope(t[-1:], MEMBERS, seed)[:, 0]
    now = f"growth of the record score at {t[-1]:.1f}, slope that wanders"
    return [*found, _estimate("growth_now", now, float(trend.mean(t[-1:], slope=True)[0]), drawn)]


def break_in_slope(t: np.ndarray, y: np.ndarray, bootstraps: int, seed: int) -> list[Estimate]:
    """Date of the break and growth on either side, with intervals by resampled residuals."""
    found, drawn = kink(t, y), resampled(t, y, bootstraps, seed)
    dates = candidates(t)
    short = "few records before the break in this vintage, which begins with GPT-4"
    before, after = (Published(v, "reference-values") for v in (8.3, 15.5))
    meaning = f"date at which growth changes, sought from {dates[0]:.2f} to {dates[-1]:.2f}"
    date = _estimate("break_date", meaning, found.date, drawn["date"])
    earliest = "trimming allows no earlier date" if found.date == dates[0] else ""
    return [
        replace(date, unit="calendar year", published=Published(FASTER, "reference-values"), why=earliest),
        _estimate("growth_before", "growth of the record score before", found.before, drawn["before"], before, short),
        _estimate("growth_after", "growth of the record score after", found.after, drawn["after"], after),
    ]


def tests(
    t: np.ndarray, y: np.ndarray, year: np.ndarray, eci: np.ndarray, bootstraps: int, seed: int
) -> dict[str, float]:
    """sup-F of a break, its p-values by kind of bootstrap, and the p-value with the first row as a record. [mixed]"""
    first = records(year, eci)
    return {
        "sup_f": kink(t, y).sup_f,
        **{f"p_value_{kind}": p_value(t, y, kind, bootstraps, seed) for kind in DRAWN},
        "p_value_from_first_row": p_value(year[first], eci[first], "residual", bootstraps, seed),
    }


def break_panel(t: np.ndarray, y: np.ndarray) -> Panel:
    """One line and two lines through the records."""
    found: Kink = kink(t, y)
    x = np.linspace(t.min(), t.max(), 100)
    one = np.polynomial.Polynomial.fit(t, y, 1)
    lines = (Line("one line", x, one(x)), Line(f"two lines, meeting at {found.date:.1f}", x, found.at(x)))
    shown = (Points("records", t, y),)
    return Panel("A break in growth?", "Release", "Epoch Capabilities Index [point]", shown, lines, x_scale="date")


def residuals(t: np.ndarray, y: np.ndarray, trend: Trend) -> Panel:
    """Distance of the records from the wandering trend."""
    left = y - trend.mean(t)
    return Panel("What is left", "Release", "Score over trend [point]", (Points("records", t, left),), x_scale="date")


def _estimate(
    name: str, meaning: str, value: float, drawn: np.ndarray, published: Published | None = None, why: str = ""
) -> Estimate:
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Estimate(name, meaning, UNIT, value, float(low), float(high), published, why)
