"""Build-out hindcast: chips, power and capital spending as known at a date, what was forecast from it, and what came.

Three series by quarter: chip power sold, compute sold, capital spending of four owners. Power and spending follow a
trend whose slope wanders (fits/localtrend.py); compute is power times compute per power (fits/chip_efficiency.py). To
the trend of spending two PARTS were added after the first score: what owners said they would spend (guidance.py), and a
prior of the wandering that is learnt from what was known of each owner and of power. Against them stands last year's
log growth continued, as a bare number and with the model's own width. Scores are of the logarithm, so that an error of
0.1 is about ten per cent.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.study import guidance
from gigawatt.study.fits.chip_efficiency import ahead
from gigawatt.study.fits.localtrend import Trend, learnt_step, local_trend
from gigawatt.study.score import Scored, central_interval, crps_ensemble, is_covered, pit

OWNERS = ("Alphabet", "Amazon", "Meta", "Microsoft")
COVERAGE = "nvidia_google"  # designers counted in every quarter
SERIES = {"power": "Chip power sold [GW a quarter]", "compute": "Compute sold [million H100e a quarter]"}
SERIES |= {"capex": "Capital spending of four owners [bn USD a quarter]"}
ORIGINS = ("2024-06-30", "2024-12-31", "2025-06-30")
PARTS = ("guidance", "pool")  # of the law of spending
LAWS = {(): "trend alone", PARTS[:1]: "guidance", PARTS[1:]: "learnt wandering", PARTS: "both"}
LEVELS = (0.5, 0.9)
FEWEST = 6  # quarters behind a forecast
YEAR = 4  # quarters
MEMBERS = 4000


@dataclass(frozen=True)
class Quarters:
    """One series: ends of quarters, as dates and calendar years, and values in the unit of SERIES."""

    date: tuple[str, ...]
    t: np.ndarray
    value: np.ndarray

    def until(self, date: str) -> "Quarters":
        kept = sum(d <= date for d in self.date)
        return Quarters(self.date[:kept], self.t[:kept], self.value[:kept])


@dataclass(frozen=True)
class Point:
    """One quarter that came after an origin. Scores are of the logarithm.

    half: ends of the central half of the draws. grown: last year's growth continued. pit: share of the draws below.
    crps: of the model; crps_grown, crps_moved: of that growth, bare and with the model's width.
    """

    series: str
    origin: str
    date: str
    observed: float
    median: float
    low: float
    high: float
    half: tuple[float, float]
    grown: float
    pit: float
    covered: dict[float, bool]
    crps: float
    crps_grown: float
    crps_moved: float


@dataclass(frozen=True)
class Hindcast(Scored):
    """All points of all series and origins."""

    points: tuple[Point, ...]

    def of(self, series: str = "", origin: str = "") -> "Hindcast":
        """The part of one series, one origin, or both."""
        return Hindcast(tuple(p for p in self.points if series in ("", p.series) and origin in ("", p.origin)))


def observed(chips: Rows | None = None, capex: Rows | None = None) -> dict[str, Quarters]:
    """The three series. chips, capex: rows as in observed/industry_compute.csv and hyperscaler_capex.csv, the shipped
    ones if None. Raises InputError for a cell that is no number or above zero."""
    chips = table("industry_compute") if chips is None else chips
    capex = table("hyperscaler_capex") if capex is None else capex
    sold = [r for r in chips if r["coverage"] == COVERAGE]
    spent: dict[str, dict[str, float]] = {}
    for r in capex:
        if r["series"] in OWNERS:
            spent.setdefault(r["date"], {})[r["series"]] = number(r, "value", "hyperscaler_capex")
    complete = {d: sum(by.values()) for d, by in spent.items() if len(by) == len(OWNERS)}
    return {
        "power": quarters({r["date"]: number(r, "value") for r in sold if r["series"] == "chip_tdp_added"}),
        "compute": quarters({r["date"]: number(r, "value") / 1e6 for r in sold if r["series"] == "h100e_added"}),
        "capex": quarters(complete),
    }


def quarters(values: dict[str, float]) -> Quarters:
    dates = tuple(sorted(values))
    found = np.array([values[d] for d in dates])
    if not (found > 0.0).all():
        raise InputError("build-out hindcast: a quarter is not above zero: mend or drop the row.")
    return Quarters(dates, np.array([year_of(d) for d in dates]), found)


def forecast(
    known: dict[str, Quarters],
    at: dict[str, np.ndarray],
    seed: int = 0,
    told: guidance.Known | None = None,
    parts: tuple[str, ...] = PARTS,
) -> dict[str, np.ndarray]:
    """Draws (MEMBERS, dates) of each series at calendar years after what is known.

    told, parts: as in `spending`, told cut at the origin. Raises InputError for fewer than FEWEST quarters.
    """
    for name, q in known.items():
        if len(q.t) < FEWEST:
            raise InputError(f"build-out hindcast: {len(q.t)} quarters of {name}: {FEWEST} are needed; later origins.")
    power = local_trend(known["power"].t, np.log(known["power"].value))
    capex = spending(known, told, parts)
    efficiency = known["compute"].value / known["power"].value
    return {
        "power": np.exp(power.observed(at["power"], MEMBERS, seed)),
        "compute": np.exp(power.observed(at["compute"], MEMBERS, seed))
        * ahead(known["power"].t, efficiency, at["compute"], MEMBERS, seed + 1),
        "capex": np.exp(capex.observed(at["capex"], MEMBERS, seed + 2)),
    }


def spending(known: dict[str, Quarters], told: guidance.Known | None, parts: tuple[str, ...] = PARTS) -> Trend:
    """Trend of the log of capital spending. told: what owners had said and spent; None leaves the trend alone.

    parts: "guidance" counts what they said among the observations; "pool" learns the prior of the wandering.
    """
    q, scale = known["capex"], None
    t, y, error = q.t, np.log(q.value), np.zeros(len(q.t))
    if told and "pool" in parts:
        owners = [quarters(told.spent[firm]) for firm in OWNERS]
        scale = learnt_step((one.t, np.log(one.value)) for one in [known["power"], *owners])
    if told and "guidance" in parts:
        said = guidance.ahead(told, OWNERS)
        t, y, error = np.append(t, said.t), np.append(y, said.y), np.append(error, said.error)
    return local_trend(t, y, error, scale)


def last_year_continued(known: Quarters, at: np.ndarray) -> np.ndarray:
    """Values at dates if the log growth since the same quarter a year ago goes on."""
    slope = np.log(known.value[-1] / known.value[-1 - YEAR])
    return known.value[-1] * np.exp(slope * (np.asarray(at, float) - known.t[-1]))


def hindcast(
    series: dict[str, Quarters] | None = None,
    origins: Iterable[str] = ORIGINS,
    seed: int = 0,
    told: guidance.Known | None = None,
    parts: tuple[str, ...] = PARTS,
) -> Hindcast:
    """Forecast each series from each origin and score every quarter that came.

    series, told: as from `observed` and `guidance.shipped`, which may hold later quarters; the shipped ones if None.
    parts: those of PARTS that the law of spending has. Raises InputError where nothing came after any origin, or too
    little was known.
    """
    every = observed() if series is None else series
    told = guidance.shipped() if told is None else told
    points: list[Point] = []
    for origin in origins:
        # What came later is cut before anything is fitted.
        known = {name: q.until(origin) for name, q in every.items()}
        later = {name: slice(len(known[name].t), None) for name in every}
        at = {name: q.t[later[name]] for name, q in every.items()}
        if not any(len(t) for t in at.values()):
            continue
        drawn = forecast(known, at, seed, told.until(origin), parts)
        for name, q in every.items():
            grown = last_year_continued(known[name], at[name])
            rows = zip(q.date[later[name]], q.value[later[name]], drawn[name].T, grown, strict=True)
            points += [scored(name, origin, date, value, members, g) for date, value, members, g in rows]
    if not points:
        raise InputError("build-out hindcast: no quarter came after any origin: name earlier ones.")
    return Hindcast(tuple(points))


def beside(seed: int = 0) -> dict[str, Hindcast]:
    """Spending by each law of LAWS, by name: the first is the one of the first score."""
    return {f"capex, {name}": hindcast(seed=seed, parts=parts).of("capex") for parts, name in LAWS.items()}


def scored(series: str, origin: str, date: str, came: float, members: np.ndarray, grown: float) -> Point:
    """One point from draws (n,) and the baseline's number."""
    (lower, upper), (low, high) = (central_interval(members, level) for level in LEVELS)
    logs, truth, median = np.log(members), np.log(came), float(np.median(members))
    return Point(
        series=series,
        origin=origin,
        date=date,
        observed=float(came),
        median=median,
        low=float(low),
        high=float(high),
        half=(float(lower), float(upper)),
        grown=float(grown),
        pit=float(pit(members, came)),
        covered={level: bool(is_covered(members, came, level)) for level in LEVELS},
        crps=float(crps_ensemble(logs, truth)),
        crps_grown=float(abs(np.log(grown) - truth)),
        crps_moved=float(crps_ensemble(logs - np.log(median) + np.log(grown), truth)),
    )


def text(result: Hindcast) -> str:
    """Tables of all points and of what they add up to, as Markdown."""
    lines = [
        "| series | from | quarter | came | forecast, 90 % | last year's growth | CRPS | bare | same width |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for p in result.points:
        band = f"{p.median:.3g} ({p.low:.3g} to {p.high:.3g}){'' if p.covered[0.9] else ' !'}"
        scores = " | ".join(f"{score:.2f}" for score in (p.crps, p.crps_grown, p.crps_moved))
        lines.append(
            f"| {p.series} | {p.origin} | {p.date[:7]} | {p.observed:.3g} | {band} | {p.grown:.3g} | {scores} |"
        )
    return "\n".join([*lines, "", totals(result)])


def totals(result: Hindcast, others: dict[str, Hindcast] | None = None) -> str:
    """What the points add up to, by series and origin, as Markdown. others: named rows below, as from `beside`."""
    lines = ["| | points | CRPS | bare | same width | inside 50 % | inside 90 % |", "|---|---|---|---|---|---|---|"]
    parts = {"all": result} | {name: result.of(series=name) for name in SERIES}
    parts |= {f"from {o}": result.of(origin=o) for o in dict.fromkeys(p.origin for p in result.points)}
    for name, part in (parts | (others or {})).items():
        means = " | ".join(f"{part.mean(score):.3f}" for score in ("crps", "crps_grown", "crps_moved"))
        inside = " | ".join(f"{part.coverage(level):.0%}" for level in LEVELS)
        lines.append(f"| {name} | {len(part.points)} | {means} | {inside} |")
    return "\n".join(lines)
