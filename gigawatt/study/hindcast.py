"""Hindcast: start two years back with what could be said then, and score what the model says against what came.

Ten points: five series at the end of the first and the second year. Next to the model stands 'last year's growth
continued', once as a bare number and once with the model's own width (its draws moved in the logarithm until their
median is that number), so that the comparison with the second is about the centre alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from scipy.special import ndtr

from gigawatt.core.entry import Z95
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.core.path import year_of
from gigawatt.core.run import run
from gigawatt.core.scenario import Scenario, load
from gigawatt.study.score import central_interval, crps_ensemble, is_covered, pit

LEVELS = (0.5, 0.9)  # central bands that are scored
YEARS = 2  # year ends that are scored after the start
FLOOR = 0.01  # a ruined lab earns nothing, whose logarithm has no end: it counts as this part of the level at the start
# Nominal dollars of a year end in dollars of 2025: US consumer prices, as in observed/observed.toml (lab_revenue).
TO_2025_DOLLARS = {2023: 1.05, 2024: 1.03, 2025: 1.00}


@dataclass(frozen=True)
class Series:
    """A quantity that both the model and the observers count.

    signal, lab: what the model calls it. observed: {calendar year: value at its end}, in `unit`.
    grown: what last year's growth, continued, gives so many years after the start; years may be an array.
    """

    name: str
    unit: str
    signal: str
    lab: str
    observed: dict[int, float]
    grown: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Point:
    """One series at one year end. Values are in the unit of the series; scores are of its natural logarithm.

    bands: (low, high) by level of LEVELS. pit: share of the draws below. crps: of the model; crps_point, crps_moved: of
    last year's growth, bare and with the model's width.
    """

    series: str
    unit: str
    date: str
    observed: float
    median: float
    bands: dict[float, tuple[float, float]]
    covered: dict[float, bool]
    naive: float
    pit: float
    crps: float
    crps_point: float
    crps_moved: float


@dataclass(frozen=True)
class Hindcast:
    """The run with the series it is compared to, and its points scored."""

    run: xr.Dataset
    series: tuple[Series, ...]
    points: tuple[Point, ...]

    def coverage(self, level: float) -> float:
        """Share of points inside the central band of this level. [share]"""
        return float(np.mean([p.covered[level] for p in self.points]))

    def mean_crps(self, what: str = "crps") -> float:
        """Mean over points of `crps`, `crps_point` or `crps_moved`. [log units]"""
        return float(np.mean([getattr(p, what) for p in self.points]))

    def ratio(self, against: str) -> float:
        """Mean score of the model over that of `crps_point` or `crps_moved`; below one, the model was better."""
        return self.mean_crps() / self.mean_crps(against)

    def wins(self, against: str) -> int:
        """Number of points at which the model scored better than `crps_point` or `crps_moved`."""
        return sum(p.crps < getattr(p, against) for p in self.points)

    def signal(self, series: Series) -> xr.DataArray:
        """The model's draws of a series, (draw, month)."""
        found = self.run[series.signal]
        return found.sel(lab=series.lab) if series.lab else found


def hindcast(
    scenario: str | Scenario = "hindcast_2023", draws: int = 1000, seed: int = 0, start_width: float = 1.0
) -> Hindcast:
    """Run a scenario that starts in the past and score it at the ends of its first and second year.

    start_width: stretches the ranges of all start values, for readers who find them too sure of themselves.
    Raises InputError where the scenario does not run from January 2024 to December 2025.
    """
    found = load(scenario)
    if (found.begin, found.end) != ("2024-01", "2025-12"):
        raise InputError(f"scenario {found.name} runs {found.begin} to {found.end}: scored is 2024-01 to 2025-12.")
    begin = int(year_of(found.begin))
    series = observed_series(begin, found)
    names = sorted({s.signal for s in series})
    result = Hindcast(run(wider_start(found, start_width), draws, seed, keep=names), series, ())
    points = [score_point(s, begin, k, result.signal(s)) for s in series for k in range(YEARS)]
    return replace(result, points=tuple(points))


def wider_start(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with ranges of its start values stretched by a factor on their own scale (log, logit)."""
    if not factor > 0.0:
        raise InputError(f"start_width is {factor:g}: give a factor above 0, 1 to leave the ranges.")
    ends = ndtr(np.array([-1.0, 1.0]) * factor * Z95)
    stretched = {
        path: replace(e, low=float(low), high=float(high))
        for path, e in scenario.set.items()
        if path.startswith("start.") and e.uncertain
        for low, high in [e.quantile(ends)]
    }
    return replace(scenario, set={**scenario.set, **stretched})


def score_point(series: Series, begin: int, after: int, signal: xr.DataArray) -> Point:
    """Score the draws (draw, month) of one series at the end of the year `begin + after`."""
    year, years = begin + after, signal["year"].values
    draws = signal.values[:, int(np.argmin(np.abs(years - (year + 1.0))))]
    observed, naive = series.observed[year], float(series.grown(np.asarray(after + 1.0)))
    logs, truth = np.log(np.maximum(draws, FLOOR * series.grown(np.zeros(())))), np.log(observed)
    bands = {level: central_interval(draws, level) for level in LEVELS}
    return Point(
        series=series.name,
        unit=series.unit,
        date=f"{year}-12-31",
        observed=observed,
        median=float(np.median(draws)),
        bands={level: (float(low), float(high)) for level, (low, high) in bands.items()},
        covered={level: bool(is_covered(draws, observed, level)) for level in LEVELS},
        naive=naive,
        pit=float(pit(draws, observed)),
        crps=float(crps_ensemble(logs, truth)),
        crps_point=abs(float(np.log(naive)) - float(truth)),
        crps_moved=float(crps_ensemble(logs - np.median(logs) + np.log(naive), truth)),
    )


def observed_series(begin: int, scenario: Scenario) -> tuple[Series, ...]:
    """The five series with their observations, from one year before `begin` to the last scored year."""
    years = range(begin - 2, begin + YEARS)
    compute = {y: stock("h100e_stock", y) for y in years}
    power = {y: stock("chip_tdp_stock", y) for y in years}
    run_ = {y: largest_run(y) for y in years}
    labs = [
        Series(f"Revenue, {lab}", "bn USD/year", "revenue", lab, *revenue(lab, begin, scenario))
        for lab in ("OpenAI", "Anthropic")
    ]
    rate = np.log(run_[begin - 1] / run_[begin - 2])
    return (
        *labs,
        Series("Compute, industry", "H100e", "industry_compute", "", compute, additions_grown(compute, begin)),
        Series("Chip power, industry", "GW", "chip_power", "", power, additions_grown(power, begin)),
        Series("Largest training run", "FLOP", "frontier_run", "", run_, compounded(run_[begin - 1], rate)),
    )


def compounded(level: float, rate: float) -> Callable[[np.ndarray], np.ndarray]:
    """A level that grows at a continuous rate."""
    return lambda years: level * np.exp(rate * years)


def additions_grown(stock: dict[int, float], begin: int) -> Callable[[np.ndarray], np.ndarray]:
    """A stock whose yearly additions keep growing as they did last year.

    The series count from nothing two years before the start, so that the ratio of stocks would overstate growth;
    the first year's stock is that year's addition. Harder to beat than the ratio of stocks.
    """
    before, level = stock[begin - 2], stock[begin - 1]
    growth = (level - before) / before
    return lambda years: level + (level - before) * growth * (growth**years - 1.0) / (growth - 1.0)


def revenue(lab: str, begin: int, scenario: Scenario) -> tuple[dict[int, float], Callable[[np.ndarray], np.ndarray]]:
    """Revenue at year ends in dollars of 2025, and last year's growth continued.

    Growth is that between the lab's first report of the year and its end; where reports cover less than half of the
    year, the growth with which the scenario starts the lab.
    """
    reports = [(year_of(r["date"]), float(r["value"])) for r in table("lab_revenue") if r["lab"] == lab]
    ends = {y: at_year_end(lab, reports, y) for y in range(begin - 1, begin + YEARS)}
    first = min(((t, v) for t, v in reports if begin - 1 <= t), default=(float(begin), 0.0))
    span = begin - first[0]
    rate = scenario.table[f"start.revenue_growth.{lab}"].value
    if span >= 0.5:
        rate = float(np.log(ends[begin - 1] / first[1]) / span)
    real = {y: v * TO_2025_DOLLARS[y] for y, v in ends.items()}
    return real, compounded(real[begin - 1], rate)


def at_year_end(lab: str, reports: list[tuple[float, float]], year: int) -> float:
    """Geometric mean of what was reported for the last two days of the year or the first of the next. [nominal]"""
    near = [v for t, v in reports if abs(t - (year + 1.0)) <= 2.5 / 365.25]
    if not near:
        raise InputError(f"observed/lab_revenue.csv: {lab} has no report at the end of {year}: it cannot be scored.")
    return float(np.exp(np.mean(np.log(near))))


def stock(series: str, year: int) -> float:
    """Chips of Nvidia and Google sold by the end of a year: the designers that the source counts throughout."""
    wanted = (f"{year}-12-31", series, "nvidia_google")
    return next(
        float(r["value"]) for r in table("industry_compute") if (r["date"], r["series"], r["coverage"]) == wanted
    )


def largest_run(year: int) -> float:
    """Training compute of the largest run published by the end of a year. [FLOP]"""
    return max(float(r["running_maximum"]) for r in table("frontier_training") if r["date"] < f"{year + 1}")
