"""compute-growth: how fast training compute grows, by definition of the frontier, and the largest run to come.

ln C = a + b t for the models of a group: Sevilla et al. (2022), arXiv:2202.05924; Sevilla and Roldan (2024).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.study.fits.line import Fitted, least_squares
from gigawatt.study.fits.records import records
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published

DATA = "notable_models"
COLUMNS = (
    "date",
    "model",
    "domain",
    "training_flop",
    "training_time_h",
    "training_power_w",
    "frontier_model",
    "confidence",
)
COSTS = "training_costs"
COST = "amortized_hardware_energy_cost_usd2023"
TOP = 10  # of the definition of a frontier model: among the ten largest runs at its release
HEAD = "frontier"
DAY = 0.01  # years; a quarter that ends with the data of the fit is not later
AHEAD = 3.0  # years of forecast that are drawn

SEVILLA = "sevilla-roldan2024"
SELECTION = "few labs disclose since 2024, so that late frontier values are estimates or missing"
GAP = (
    "the same window here holds other rows than the 428 of the source (393 in the shipped table): models were added"
    " and revised, small late ones among them, and language models grow twice as fast as the rest, so that the mix"
    " decides; rows after the window raise the slope, leaving out speculative values hardly moves it"
)


def flagged(row: dict[str, str]) -> bool:
    """Whether the source calls the model a frontier model: top ten in training compute at its release."""
    return row["frontier_model"].strip() in ("1", "1.0")


def language(row: dict[str, str]) -> bool:
    return "Language" in row["domain"]


def confident(row: dict[str, str]) -> bool:
    return row["confidence"] == "Confident"


def every(row: dict[str, str]) -> bool:
    return True


@dataclass(frozen=True)
class Trend:
    """Rows whose growth is told: a filter, a quantity, the years from `since` up to `before`."""

    name: str
    meaning: str
    since: float
    keep: Callable[[dict[str, str]], bool] = every
    before: float = np.inf
    quantity: str = "training_flop"
    top: int = 0
    published: Published | None = None
    why: str = ""


def epoch(value: float, low: float = np.nan, high: float = np.nan, kind: str = "", source: str = SEVILLA) -> Published:
    return Published(value, source, low, high, kind)


STATED = epoch(4.5, 4.0, 5.0, "stated range")
NOTABLE = epoch(4.6, 4.3, 5.2, "90 %, June 2024", "epoch-compute-trend")
LATER = "the range is of several definitions; the source's line since 2018 is 4x, just under ours for its window"
TRENDS = (
    Trend(HEAD, "frontier models as flagged by the source, since 2018", 2018.0, flagged, published=STATED, why=LATER),
    Trend("frontier-to-2024-05", "the same, window of the source", 2018.0, flagged, 2024.4, published=STATED),
    Trend("frontier-confident", "the same as `frontier`, confident values only", 2018.0,
          lambda row: flagged(row) and confident(row), why="without the estimates of 2025, which are the largest"),
    Trend("frontier-2010", "flagged frontier models since 2010", 2010.0, flagged, published=STATED),
    Trend("frontier-language", "flagged language models since mid-2020", 2020.5,
          lambda row: flagged(row) and language(row), published=epoch(5.0), why=SELECTION),
    Trend("top-ten", "ten largest runs at their release, found here, since 2018", 2018.0, top=TOP, published=STATED),
    Trend("records", "runs larger than all before, since 2018", 2018.0, top=1),
    Trend("notable", "all notable models with known compute, since 2010", 2010.0, published=NOTABLE, why=GAP),
    Trend("notable-to-2024-06", "the same, window of the source", 2010.0, before=2024.47, published=NOTABLE, why=GAP),
    Trend("notable-confident", "all notable models, confident values only", 2010.0, confident, published=NOTABLE),
    Trend("notable-language", "notable language models since 2010", 2010.0, language),
    Trend("notable-other", "notable models of other domains since 2010", 2010.0, lambda row: not language(row)),
    Trend("power", "power drawn in training by frontier models, since 2016", 2016.0, flagged,
          quantity="training_power_w", published=epoch(2.1, 1.9, 2.2, "90 %, since 2010", "epoch-power-trend")),
    Trend("run-length", "length of training runs of notable models, since 2010", 2010.0,
          quantity="training_time_h", published=epoch(1.2, source="epoch-trends")),
)  # fmt: skip
SPEND = Trend(
    "cost", "amortised cost of chips and energy of frontier runs, 2023 USD, since 2015", 2015.0, flagged,
    quantity=COST, published=epoch(2.4, 2.0, 3.1, "95 %, since 2016", "cottier2024"),
    why="the runs of 2025 are in; up to the end of the paper's data the table gives its 2.4",
)  # fmt: skip


def fit(rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False) -> Fit:
    """Growth of training compute by group, and a forecast of the largest run to date. [x/year]

    The forecast takes calendar years and gives FLOP. It is of a maximum, and the number of tries grows: frontier
    models are released as a Poisson process at the pace so far, each is drawn around the line of frontier models
    with the spread of the past, and the largest of them and of the record so far is the answer. At first the band is
    wide because a jump may have come or not, later because the line is not known. There is no posterior here: `bayes`
    changes nothing. Raises InputError for fewer than three frontier models.
    """
    everything = dated(rows)
    known = [row for row in everything if not until or row["date"] <= until]
    spent = [row for row in dated(table(COSTS)) if not until or row["date"] <= until]
    lines = {t.name: trend_line(known, t, bootstraps, seed) for t in TRENDS} | {
        SPEND.name: trend_line(spent, SPEND, bootstraps, seed)
    }
    head = lines[HEAD]
    if head is None:
        raise InputError(f"compute-growth: fewer than three frontier models since 2018 up to {until}: widen the data.")
    x, y, _ = series(known, TRENDS[0])
    today = year_of(until or known[-1]["date"])
    forecast = Largest(head, *best(known), today, pace=len(x) / (today - TRENDS[0].since))
    panels = (growth_panel(known, lines), record_panel(everything, forecast, until))
    residuals = Panel("Residuals of frontier models", "date", "e-folds", (Points("frontier", x, y - head.at(x)),))
    found = Fit(
        name="compute-growth",
        title="Growth of training compute",
        law="ln C = a + b t; growth is exp(b) a year",
        method=f"least squares in logs, {bootstraps} bootstraps of cases; the largest run as the maximum of releases",
        data=f"{DATA}.csv, {len(x)} frontier models of {len(known)} rows; {COSTS}.csv",
        estimates=tuple(estimate(t, lines[t.name]) for t in (*TRENDS, SPEND) if lines[t.name] is not None),
        panels=panels,
        residuals=residuals,
        statistics={"n": len(x), "sd": head.sd, "releases a year": forecast.pace, **disclosure(known)},
        notes=(SELECTION, f"notable models: {GAP}"),
        sources=("epoch-models", "cottier2024"),
        until=until,
        forecast=forecast,
        to_scale=np.log,
    )
    return scored(found, everything) if until else found


def dated(rows: Rows) -> Rows:
    """Rows that have a date, in its order."""
    return sorted((row for row in rows if row["date"].strip()), key=lambda row: row["date"])


def series(rows: Rows, trend: Trend) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Calendar years, logs and dates of the rows that a trend is of."""
    held = [(row["date"], number(row, trend.quantity, row.get("model", ""))) for row in rows if trend.keep(row)]
    held = [(date, value) for date, value in held if value > 0.0]
    x, y = np.array([year_of(date) for date, _ in held]), np.log([value for _, value in held])
    kept = (x >= trend.since) & (x < trend.before)
    if trend.top:
        kept &= among_largest(y, trend.top)
    return x[kept], y[kept], [date for (date, _), k in zip(held, kept, strict=True) if k]


def among_largest(y: np.ndarray, top: int) -> np.ndarray:
    """(n,) bool: whether each row, in order of date, was among the `top` largest up to then."""
    return np.array([np.sum(y[:i] >= y[i]) < top for i in range(len(y))], bool)


def trend_line(rows: Rows, trend: Trend, bootstraps: int, seed: int) -> Fitted | None:
    """The line of a trend, or None where there are too few rows of it."""
    x, y, _ = series(rows, trend)
    return least_squares(x, y, bootstraps, seed) if len(x) >= 3 and np.ptp(x) > 0.0 else None


def estimate(trend: Trend, line: Fitted | None) -> Estimate:
    assert line is not None
    low, value, high = np.exp([line.slope_interval()[0], line.slope, line.slope_interval()[1]])
    return Estimate(trend.name, trend.meaning, "x/year", value, low, high, trend.published, trend.why, "", "lognormal")


def best(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Calendar years and logs of the runs that were the largest so far, among all models."""
    x, y, _ = series(rows, Trend("", "", -np.inf))
    new = records(x, y)
    return x[new], y[new]


@dataclass(frozen=True)
class Largest:
    """Forecast of the largest run to date: years -> (draws, years) FLOP. A year before `today` gives what was known.

    years, record: calendar years and ln(FLOP) of the records so far. pace: releases of frontier models a year.
    """

    line: Fitted
    years: np.ndarray
    record: np.ndarray
    today: float
    pace: float

    def __call__(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        x = np.asarray(x, float)
        span = max(float(x.max()) - self.today, 0.0)
        count = rng.poisson(self.pace * span, size=n)
        when = self.today + span * rng.random((n, max(int(count.max()), 1)))
        a, b = self.line.boot[rng.integers(len(self.line.boot), size=n)].T[:, :, None]
        size = a + b * (when - self.line.centre) + self.line.sd * rng.standard_normal(when.shape)
        size[np.arange(when.shape[1]) >= count[:, None]] = -np.inf
        at = np.searchsorted(self.years, x, side="right") - 1
        so_far = np.where(at >= 0, self.record[np.maximum(at, 0)], -np.inf)
        return np.exp([np.max(size, axis=1, where=when <= t, initial=y) for t, y in zip(x, so_far, strict=True)]).T


def scored(found: Fit, rows: Rows) -> Fit:
    """The fit with the score of the largest run to date at the end of each later quarter of the data.

    Not on the dates of records: those are picked for a jump, and a forecast for a date is of any date.
    """
    x, y = best(rows)
    start, end = year_of(found.until), max(year_of(row["date"]) for row in rows)
    quarters = np.arange(np.floor(4.0 * start + 1.0 + DAY), 4.0 * end) / 4.0
    at = np.append(quarters[quarters > start + DAY], end)
    if end <= start:
        return found
    largest = np.exp(y[np.searchsorted(x, at, side="right") - 1])
    return replace(found, held=found.score(at, largest, ("largest run to date",) * len(at)))


def disclosure(rows: Rows) -> dict[str, float]:
    """Share of notable models whose compute is known, in the last three years of the data and in the six before."""
    x = np.array([year_of(row["date"]) for row in rows])
    known = np.array([bool(row["training_flop"].strip()) for row in rows])
    end = x[-1]
    late, early = x > end - 3.0, (x > end - 9.0) & (x <= end - 3.0)
    return {f"compute known, {name}": float(known[m].mean()) for name, m in
            (("last 3 years", late), ("6 years before", early)) if m.any()}  # fmt: skip


def growth_panel(rows: Rows, lines: dict[str, Fitted | None]) -> Panel:
    shown = [t for t in TRENDS if t.name in (HEAD, "notable") and lines[t.name] is not None]
    points, drawn = [], []
    for trend in reversed(shown):
        x, y, _ = series(rows, trend)
        line = lines[trend.name]
        assert line is not None
        ends = np.linspace(x[0], x[-1], 50)
        band = line.boot[:, :1] + line.boot[:, 1:] * (ends - line.centre)
        low, high = np.exp(np.quantile(band, [0.05, 0.95], axis=0))
        points.append(Points(trend.name, x, np.exp(y)))
        drawn.append(Line(f"{trend.name}: {np.exp(line.slope):.1f}x a year", ends, np.exp(line.at(ends)), low, high))
    return Panel("Training compute", "date", "FLOP", tuple(points), tuple(drawn), "date", "log")


def record_panel(rows: Rows, forecast: Largest, until: str) -> Panel:
    x, y = best(rows)
    shown = x >= TRENDS[0].since
    known = shown & (x <= forecast.today)
    later = shown & ~known
    points = [Points("record runs", x[known], np.exp(y[known]))]
    if until and later.any():
        points.append(Points("records not seen", x[later], np.exp(y[later]), held_out=True))
    ahead = np.linspace(forecast.today, max(float(x[-1]), forecast.today) + AHEAD, 60)
    low, median, high = np.quantile(forecast(ahead, 2000, 0), [0.05, 0.5, 0.95], axis=0)
    line = Line("forecast, 90 %", ahead, median, low, high)
    return Panel("Largest run to date", "date", "FLOP", tuple(points), (line,), "date", "log")
