"""valuation: what investors pay for a lab's revenue, and how much of a lab they buy at a time (S27).

ln(valuation / run rate) = a + b g, with g the growth of the run rate around the round: what `finance.Rounds` says of a
valuation beyond hope. Beside it the sizes of rounds, the months between them, and debt, each per valuation.
"""

from collections.abc import Mapping

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.study.fits import revenue
from gigawatt.study.fits.bend import Seller
from gigawatt.study.fits.line import least_squares
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published

DATA = "lab_valuation"
COLUMNS = ("date", "lab", "value", "round_type")
FEWEST = 3  # rounds with a revenue
AROUND = 1.0  # years before and after a round in which reports tell its growth
REACH = 0.3  # years by which a round may lie outside of a lab's reports
LARGEST = 100.0  # multiples above this price something else than revenue
SAME = 0.05  # years within which two rows tell of one round

WHY = "the digest divides the valuation of February 2026 by the run rate of the end of 2025; by February it had grown"
NOTES = (
    "Growth is the slope of the reports within a year of the round, which those who priced it knew only in part.",
    "Multiples above 100 (xAI) price an owner and a fleet, not revenue: they are left out.",
    "Few labs, rounds that follow one another: the interval of resampled rounds is too narrow, if anything.",
    "The slope says nothing of firms that do not grow; the base world anchors it at listed software.",
)


def fit(rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False) -> Fit:
    """Multiple of revenue against growth; share sold in a round, months between rounds, debt per valuation.

    rows: COLUMNS, post-money valuations in bn USD, one round a row; revenue and money raised are the shipped tables up
    to the same date. Raises InputError for fewer than FEWEST rounds of labs with revenue, or growth that is all one.
    """
    labs, dates, multiples, growth = priced(rows, until)
    line = least_squares(growth, np.log(multiples), bootstraps, seed)
    low, high = line.slope_interval()
    rng = np.random.default_rng(seed)
    sold, months, debt = bought(rows, until)
    beside = Published(38.0, "fact:valuation-to-revenue-derived")
    found = [
        middle("multiple", "valuation over run rate, median", "1", multiples, bootstraps, rng, beside, WHY),
        Estimate("premium", "rise of ln(multiple) per log growth a year", "year", line.slope, low, high),
        middle("sold", "share of the firm sold in a round, median", "share", sold, bootstraps, rng),
        middle("months", "months from one round of a lab to the next, median", "month", months, bootstraps, rng),
    ]
    if len(debt) >= FEWEST:
        found.append(middle("debt", "debt over valuation in rounds with debt, median", "share", debt, bootstraps, rng))
    x = np.linspace(growth.min(), growth.max(), 30)
    sides = np.quantile(np.exp(line.draws(x, bootstraps, seed)), (0.05, 0.95), axis=0)
    groups = {lab: np.asarray(labs) == lab for lab in dict.fromkeys(labs)}
    points = tuple(Points(lab, growth[at], multiples[at]) for lab, at in groups.items())
    drawn = Line("ln multiple on growth", x, np.exp(line.at(x)), *sides)
    left = tuple(Points(lab, dates[at], np.log(multiples[at]) - line.at(growth[at])) for lab, at in groups.items())
    return Fit(
        name="valuation",
        title="Valuations of labs",
        law="ln(valuation / run rate) = a + b g",
        method="least squares, cases bootstrapped; medians of resampled rounds",
        data=f"{DATA}.csv: " + ", ".join(f"{int(at.sum())} of {lab}" for lab, at in groups.items()),
        estimates=tuple(found),
        panels=(
            Panel(
                "Multiple against growth",
                "Log growth a year",
                "Valuation over run rate",
                points,
                (drawn,),
                "linear",
                "log",
            ),
        ),
        residuals=Panel("What is left of the line", "Round", "ln multiple over its line", left, x_scale="date"),
        statistics={"n": float(len(multiples)), "sd": line.sd},
        notes=NOTES,
        sources=("epoch-companies",),
        until=until,
    )


def priced(rows: Rows, until: str) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Labs, dates, multiples and growth of the rounds that have a revenue. Raises InputError for fewer than FEWEST."""
    last = year_of(until) if until else np.inf
    reports = revenue.read(table(revenue.DATA))
    found = []
    for lab, date, value in valuations(rows, last):
        seller = reports.get(lab)
        known = Seller(*(x[seller.t <= last + 1e-9] for x in (seller.t, seller.y))) if seller else None
        growth = growth_at(known, date) if known else np.nan
        if known and np.isfinite(growth):
            multiple = value / np.exp(run_rate_at(known, date))
            if multiple <= LARGEST:
                found.append((lab, date, multiple, growth))
    if len(found) < FEWEST:
        raise InputError(f"valuation: {len(found)} rounds of labs with revenue, {FEWEST} are needed: widen the data.")
    labs, *columns = zip(*found, strict=True)
    dates, multiples, growths = (np.asarray(c, float) for c in columns)
    return list(labs), dates, multiples, growths


def valuations(rows: Rows, last: float) -> list[tuple[str, float, float]]:
    """(lab, date, bn USD) of each row up to a date. Raises InputError for a date or value that is none."""
    found = []
    for row in rows:
        where = f"{DATA}, {row['lab']} {row['date']}"
        date, value = year_of(row["date"], where), number(row, "value", where)
        if not value > 0.0 or not np.isfinite(value):
            raise InputError(f"{where}: valuation {row['value']} is not above zero: give bn USD.")
        if date <= last + 1e-9:
            found.append((row["lab"], date, value))
    return found


def growth_at(seller: Seller, date: float) -> float:
    """Log growth a year around a date; not a number where reports do not reach there."""
    near = np.abs(seller.t - date) <= AROUND
    if near.sum() < 2 or np.ptp(seller.t[near]) < REACH or not covers(seller, date):
        return float("nan")
    return float(np.polyfit(seller.t[near] - date, seller.y[near], 1)[0])


def covers(seller: Seller, date: float) -> bool:
    return bool(seller.t.min() - REACH <= date <= seller.t.max() + REACH)


def run_rate_at(seller: Seller, date: float) -> float:
    """ln of the run rate at a date: between two reports on the line from one to the next."""
    return float(np.interp(date, seller.t, seller.y))


def bought(rows: Rows, until: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share sold in each round with a valuation, months between rounds of a lab, and debt over valuation."""
    last = year_of(until) if until else np.inf
    values: dict[str, list[tuple[float, float]]] = {}
    for lab, date, value in valuations(rows, last):
        values.setdefault(lab, []).append((date, value))
    rounds = [
        (r["lab"], year_of(r["date"], "lab_funding"), r["series"], float(r["value"])) for r in table("lab_funding")
    ]
    share: Mapping[str, list[float]] = {"equity": [], "debt": []}
    for lab, date, series, amount in rounds:
        price = [v for d, v in values.get(lab, []) if abs(d - date) <= SAME]
        if price and date <= last:
            share[series].append(amount / price[0])
    gaps = [
        12.0 * gap
        for lab in dict.fromkeys(r[0] for r in rounds)
        for gap in np.diff(sorted({r[1] for r in rounds if r[0] == lab and r[2] == "equity" and r[1] <= last}))
        if gap > SAME
    ]
    return np.asarray(share["equity"]), np.asarray(gaps), np.asarray(share["debt"])


def middle(
    name: str,
    meaning: str,
    unit: str,
    values: np.ndarray,
    bootstraps: int,
    rng: np.random.Generator,
    published: Published | None = None,
    why: str = "",
) -> Estimate:
    """The median of some values with the interval of resampled ones. Raises InputError for fewer than FEWEST."""
    if len(values) < FEWEST:
        raise InputError(f"valuation: {len(values)} values of '{name}', {FEWEST} are needed: widen the data.")
    again = np.median(values[rng.integers(len(values), size=(bootstraps, len(values)))], axis=1)
    value, (low, high) = float(np.median(values)), np.quantile(again, (0.05, 0.95))
    return Estimate(name, meaning, unit, value, min(float(low), value), max(float(high), value), published, why)
