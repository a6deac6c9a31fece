"""Ledger: what is said of dates to come, in series that somebody will count, each naming the one that will score it.

Ends of the first four quarters after the start and of YEARS. Where the shipped series reach a date already, what came
stands beside. That is no hindcast: some numbers of base rest on data of those months.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.core.mechanism import doc_of
from gigawatt.core.observed import about
from gigawatt.core.path import year_after
from gigawatt.core.run import run
from gigawatt.core.scenario import Scenario, load
from gigawatt.study import buildout_hindcast, guidance
from gigawatt.study.fit import fit
from gigawatt.study.observed import SERIES, points
from gigawatt.study.score import pit

QUARTERS = 4
YEARS = (2027, 2028, 2030)
RECORDS = ("horizon", "frontier", "frontier_run")  # what counts is the best so far
NEAR = 15 / 365.25  # years: a report counts for a date if it lies so near
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
FIRMS = "btos_ai_use"
SPENT = "hyperscaler_capex"
TREND = 2.0  # years: as far as the trend of spending is told


@dataclass(frozen=True)
class Forecast:
    """One series at the end of one month, as a scenario says it.

    observed, pit: what came and the share of draws below it, None so far. file: the table of observed/ that will score
    it; caveat: what to beware of then.
    """

    scenario: str
    signal: str
    label: str
    meaning: str
    unit: str
    at: str
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    file: str
    caveat: str
    observed: float | None
    pit: float | None

    @property
    def inside(self) -> bool | None:
        """Whether what came lies in the central nine tenths; None so far."""
        return None if self.pit is None else 0.05 <= self.pit <= 0.95


def ledger(scenario: str | Scenario = "base", draws: int = 1000, seed: int = 0) -> tuple[Forecast, ...]:
    """Every series at every date, as far as the scenario runs and gives the signal.

    Two are no signals of the world: the share of firms that use AI, by `fit adoption`, and what four owners of
    computers spend, by the law of the build-out's hindcast.
    """
    found = load(scenario)
    world = found.world()
    names = [name for name in SERIES if name in world.signals]
    ds = run(found, draws, seed, keep=names)
    dates = [at for at in due(found) if year_after(at) <= float(ds["year"][-1]) + 1e-6]
    steps = [int(np.abs(ds["year"].values - year_after(at)).argmin()) for at in dates]
    rows = []
    for name in names:
        kind, meaning = world.signals[name], doc_of(world.giver(name).Out, name)
        values = ds[name].transpose("draw", "month", ...).values
        for label in labels_of(name, world.axes[kind.axes[0]]) if kind.axes else ("",):
            own = values[:, :, world.axes[kind.axes[0]].index(label)] if label else values
            said = (found.name, name, label, meaning, kind.unit.text)
            rows += [forecast(said, at, own[:, step], name) for at, step in zip(dates, steps, strict=True)]
    others = (share_of_firms, capital_spending)
    return (*rows, *(f for said in others for f in said(found.name, dates, draws, seed)))


def due(scenario: Scenario) -> list[str]:
    """Months at whose end something is said: the first ends of quarters after the start, then ends of YEARS."""
    begin = np.datetime64(scenario.begin, "M")
    left = -int(scenario.begin[5:7]) % 3  # months to the end of the quarter
    quarters = [str(begin + left + 3 * k) for k in range(QUARTERS)]
    return quarters + [end for end in (f"{year}-12" for year in YEARS) if end > quarters[-1]]


def labels_of(signal: str, labels: tuple[str, ...]) -> list[str]:
    """Labels of which the series holds an observation."""
    return [label for label in labels if points(signal, label) is not None]


def forecast(said: tuple[str, str, str, str, str], at: str, draws: np.ndarray, signal: str) -> Forecast:
    series = SERIES[signal]
    came = observed(signal, said[2], at)
    below = None if came is None else float(pit(draws, came))
    p05, p25, p50, p75, p95 = np.quantile(draws, LEVELS).tolist()
    return Forecast(*said, at, p05, p25, p50, p75, p95, f"{series.file}.csv", series.caveat, came, below)


def observed(signal: str, label: str, at: str) -> float | None:
    """What came at the end of a month: of records the best so far, otherwise the report that lies NEAR; None so far."""
    date, seen = year_after(at), points(signal, label)
    if seen is None or str(about()[SERIES[signal].file]["last"])[:7] < at:
        return None
    if signal in RECORDS:
        return float(seen.value[seen.year <= date + NEAR].max())
    nearest = int(np.abs(seen.year - date).argmin())
    return float(seen.value[nearest]) if abs(seen.year[nearest] - date) <= NEAR else None


def share_of_firms(scenario: str, dates: Sequence[str], draws: int, seed: int) -> list[Forecast]:
    """The survey's share of firms at the ends of months after the last wave, in the wording of today."""
    later = [at for at in dates if at > str(about()[FIRMS]["last"])[:7]]
    shares = fit("adoption", bootstraps=2, seed=seed).members([year_after(at) for at in later], draws, seed)
    caveat = "by `gigawatt fit adoption`: a survey by the US Census Bureau, wording of use in any function"
    found = []
    for at, (p05, p25, p50, p75, p95) in zip(later, np.quantile(shares, LEVELS, axis=0).T.tolist(), strict=True):
        said = (scenario, "", "", "Share of US firms that use AI", "share", at)
        found.append(Forecast(*said, p05, p25, p50, p75, p95, f"{FIRMS}.csv", caveat, None, None))
    return found


def capital_spending(scenario: str, dates: Sequence[str], draws: int, seed: int) -> list[Forecast]:
    """Spending of the four owners in the quarters that end at dates after the last one known, and in its year."""
    known = buildout_hindcast.observed()
    q = known["capex"]
    later = [at for at in dates if at > q.date[-1][:7] and year_after(at) <= q.t[-1] + TREND]
    year = q.date[-1][:4]
    rest = [f"{year}-{month:02d}" for month in (3, 6, 9, 12) if f"{year}-{month:02d}" > q.date[-1][:7]]
    asked = sorted({*later, *rest})
    trend = buildout_hindcast.spending(known, guidance.shipped())
    drawn = np.exp(trend.observed(np.array([year_after(at) for at in asked]), draws, seed))
    spent = sum(v for d, v in zip(q.date, q.value, strict=True) if d.startswith(year))
    whole = spent + drawn[:, [asked.index(at) for at in rest]].sum(axis=1)
    firms = f"{', '.join(buildout_hindcast.OWNERS[:-1])} and {buildout_hindcast.OWNERS[-1]}"
    caveat = f"cash purchases of property and equipment by {firms}, finance leases left out; trend and guidance"
    rows = [("in the quarter", at, drawn[:, asked.index(at)]) for at in later]
    rows += [("in the year", f"{year}-12", whole)] if rest else []
    found = []
    for span, at, values in rows:
        p05, p25, p50, p75, p95 = np.quantile(values, LEVELS).tolist()
        said = (scenario, "", "", f"Capital spending of {firms} {span}", "bn USD", at)
        found.append(Forecast(*said, p05, p25, p50, p75, p95, f"{SPENT}.csv", caveat, None, None))
    return found
