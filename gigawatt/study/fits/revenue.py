"""revenue: how fast the run rates of labs grow, and whether growth falls with size.

ln R = a + b t by lab; a slope that wanders (localtrend.py); and growth that falls with size, the bend shared by all
labs (bend.py), which gives the forecast. Reports differ in what they count: see `read`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.observed import Rows, about, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.bend import Bend, Seller, bends
from gigawatt.study.fits.line import Fitted, least_squares
from gigawatt.study.fits.localtrend import local_trend
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published, Score
from gigawatt.study.score import central_interval

DATA = "lab_revenue"
COLUMNS = ("date", "lab", "value", "measure")
FEWEST = 3  # points of a lab
WANDERING = 4  # points that a slope that wanders needs
AHEAD = 2.0  # years of forecast that are drawn
MEMBERS = 4000

# What a period's revenue says of the run rate: at its middle they are equal, up to second order in growth.
# measure -> years from its middle to its end; measures of a part of a lab's sales are left out.
RATES = {
    "annualized_run_rate": 0.0,
    "annual_recurring_revenue": 0.0,
    "period_interpolation": 0.0,
    "half_year_revenue_annualized": 0.25,
    "calendar_year_revenue": 0.5,
}
PARTS = ("product_revenue_annualized",)

PUBLISHED = {"Anthropic": 10.6, "OpenAI": 4.0, "xAI": 5.17, "Cohere": 3.91}  # reference-values, own fits of the data
WHY = "the same rows and the same line; the date of a report and its day count differ by less than the last digit"
NOTES = (
    "Definitions differ: Anthropic takes 28 days of use x 13 plus a month of subscriptions x 12, others a month x 12;"
    " some count what resellers keep. A definition that does not change leaves growth as it is.",
    "Revenue of a year or half a year is placed at the middle of the period; revenue of one product is left out.",
    "Labs report when news is good: growth between reports is as it is, the last level is rather high.",
    "The bend is one number for all labs: a lab with few points has mostly the prior and the others' bend.",
    "The forecast knows no ceiling: see the ceiling of the wage bill in gigawatt/mechanisms/revenue.py.",
)


def fit(
    rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False, lab: str = ""
) -> Fit:
    """Growth by lab, now and on the whole; the bend of growth with size; the forecast of one lab.

    rows: COLUMNS, run rates in bn USD a year, one report a row. lab: the one that is forecast, by default the one with
    most reports. The posterior is sampled with or without `bayes`. Raises InputError for a measure that is not known,
    a value that is not above zero, or no lab with FEWEST reports.
    """
    every = read(rows)
    sellers = known(every, until)
    lab = lab or max(sellers, key=lambda name: len(sellers[name].t))
    if lab not in sellers:
        raise InputError(
            f"revenue: no {FEWEST} reports of lab '{lab}'.{did_you_mean(lab, sellers)} There are {', '.join(sellers)}."
        )
    error = float(about()[DATA]["noise"])
    lines = {name: least_squares(s.t, s.y, bootstraps, seed) for name, s in sellers.items()}
    posteriors = bends(sellers, error)
    own, later = posteriors[lab], after(every[lab], until)
    estimates = [
        *(overall(name, line, until) for name, line in lines.items()),
        *(now(name, sellers[name], error) for name in sellers if len(sellers[name].t) >= WANDERING),
        bend_of(own),
        growth_of(lab, own),
    ]
    result = Fit(
        name="revenue",
        title="Run rates of labs",
        law="ln R = a + b t by lab; forecast: ln g = a - bend ln R, a walking, the bend shared",
        method="least squares, cases bootstrapped; local linear trend, exact; particle filter on a grid of bends",
        data=f"{DATA}.csv: " + ", ".join(f"{len(s.t)} of {name}" for name, s in sellers.items()),
        estimates=tuple(estimates),
        panels=(),
        residuals=residuals(sellers, lines),
        statistics={"n": float(sum(len(s.t) for s in sellers.values())), "labs": float(len(sellers))},
        notes=NOTES,
        sources=("epoch-companies",),
        until=until,
        forecast=lambda x, n, seed: np.exp(ahead(own, sellers[lab], x, n, seed)),
        to_scale=np.log,
    )
    held = result.score(later.t, np.exp(later.y), (lab,) * len(later.t)) if len(later.t) else None
    return with_picture(result, every, lab, later, held)


def read(rows: Rows) -> dict[str, Seller]:
    """{lab: its reports by date}, as run rates: each measure at the date at which a run rate would be the same.

    Raises InputError for a measure that is neither in RATES nor in PARTS, or a value that is not above zero.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        where = f"{DATA}, {row['lab']} {row['date']}"
        value, measure = number(row, "value", where), row["measure"]
        if measure not in (*RATES, *PARTS):
            raise InputError(f"{where}: measure '{measure}' is not known.{did_you_mean(measure, (*RATES, *PARTS))}")
        if not value > 0.0 or not np.isfinite(value):
            raise InputError(f"{where}: revenue {row['value']} has no logarithm: give bn USD a year above zero.")
        if measure in RATES:
            found.setdefault(row["lab"], []).append((year_of(row["date"], where) - RATES[measure], np.log(value)))
    return {name: Seller(*np.array(sorted(pairs)).T) for name, pairs in found.items()}


def known(every: Mapping[str, Seller], until: str) -> dict[str, Seller]:
    """Labs with FEWEST reports up to a date, and those reports."""
    last = year_of(until) if until else np.inf
    kept = {name: Seller(s.t[s.t <= last + 1e-9], s.y[s.t <= last + 1e-9]) for name, s in every.items()}
    sellers = {name: s for name, s in kept.items() if len(s.t) >= FEWEST and np.ptp(s.t) > 0.0}
    if not sellers:
        raise InputError(f"revenue: no lab has {FEWEST} reports{f' up to {until}' if until else ''}: widen the data.")
    return sellers


def after(seller: Seller, until: str) -> Seller:
    """Reports after a date; none without one."""
    late = seller.t > (year_of(until) + 1e-9 if until else np.inf)
    return Seller(seller.t[late], seller.y[late])


def ahead(own: Bend, seller: Seller, x: np.ndarray, n: int, seed: int) -> np.ndarray:
    """(n, x): draws of a report of ln revenue; between past reports on the straight line from one to the next."""
    x = np.asarray(x, float)
    drawn = own.observed(np.maximum(x, own.last), n, seed)
    past = np.interp(x, seller.t, seller.y) + own.error * np.random.default_rng(seed).standard_normal(drawn.shape)
    return np.where(x <= own.last, past, drawn)


# ---------------------------------------------------------------- what is told


def slug(lab: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", lab.lower()).strip("_")


def overall(lab: str, line: Fitted, until: str) -> Estimate:
    """Yearly multiple on the straight line through all reports."""
    low, high = np.exp(line.slope_interval())
    # What was published knew the data after `until`: no comparison then.
    beside = None if until or lab not in PUBLISHED else Published(PUBLISHED[lab], "reference-values")
    meaning = f"growth of the run rate of {lab}, straight line"
    value = float(np.exp(line.slope))
    low, high = min(float(low), value), max(float(high), value)  # few points can leave the value at an end
    why = WHY if beside else ""
    return Estimate(slug(lab), meaning, "multiple/year", value, low, high, beside, why, shape="lognormal")


def now(lab: str, seller: Seller, error: float) -> Estimate:
    """Yearly multiple at the last report, the slope having wandered."""
    trend = local_trend(seller.t, seller.y, error)
    low, high = np.exp(central_interval(trend.slope(seller.t[-1:], MEMBERS, 0)[:, 0], 0.9))
    value = float(np.exp(trend.mean(seller.t[-1:], slope=True)[0]))
    meaning = f"growth of {lab} at {seller.t[-1]:.1f}, slope that wanders"
    return Estimate(f"{slug(lab)}_now", meaning, "multiple/year", value, float(low), float(high), shape="lognormal")


def bend_of(own: Bend) -> Estimate:
    """Fall of ln growth per rise of ln revenue, all labs together."""
    low, middle, high = (float(v) for v in own.bend_quantiles((0.05, 0.5, 0.95)))
    return Estimate("bend", "-d ln g / d ln R, shared by all labs (median)", "1", middle, low, high)


def growth_of(lab: str, own: Bend) -> Estimate:
    """Yearly multiple at the last report under growth that falls with size."""
    low, middle, high = (float(v) for v in np.exp(np.quantile(own.growth(MEMBERS, 0), (0.05, 0.5, 0.95))))
    meaning = f"growth of {lab} at {own.last:.1f}, as it would go on without a bend (median)"
    return Estimate("growth", meaning, "multiple/year", middle, low, high, shape="lognormal")


def residuals(sellers: Mapping[str, Seller], lines: Mapping[str, Fitted]) -> Panel:
    left = tuple(Points(name, s.t, s.y - lines[name].at(s.t)) for name, s in sellers.items())
    return Panel("What is left of the straight lines", "Report", "ln revenue over its line", left, x_scale="date")


def with_picture(result: Fit, every: Mapping[str, Seller], lab: str, later: Seller, held: Score | None) -> Fit:
    """The fit with its forecast drawn over the reports of the lab, and its score where reports were held out."""
    used = known(every, result.until)
    own = used[lab].t[-1]
    x = np.linspace(own, max(own + AHEAD, every[lab].t[-1]), 30)
    low, middle, high = result.predict(x, draws=MEMBERS)
    shown = {lab: used.pop(lab), **used}
    points = [Points(name, s.t, np.exp(s.y)) for name, s in shown.items()]
    if later.t.size:
        points.append(Points(f"{lab}, held out", later.t, np.exp(later.y), held_out=True))
    band = Line(f"forecast of {lab}, growth that falls with size", x, middle, low, high)
    title = f"{result.title}: forecast of {lab}"
    panel = Panel(title, "Report", "Run rate [bn USD/year]", tuple(points), (band,), "date", "log")
    statistics = dict(result.statistics)
    if held is not None:
        statistics |= {
            "held_crps": float(held.crps.mean()),
            "held_coverage_90": held.coverage(0.9),
            "held_coverage_50": held.coverage(0.5),
        }
    return replace(result, panels=(panel,), held=held, statistics=statistics)
