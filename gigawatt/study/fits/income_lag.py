"""Lags between groups of countries by income: how many years later a group reaches what the rich had.

Horizontal distance of the curves: the year in which a group reached a level less that in which high-income countries
did. ln lag = a_group + b (launch - 2022) over technologies: lags shrink with the date of the technology, as Comin &
Hobijn (2010), American Economic Review 100(5):2031-2059, found over two centuries. The numbers at 2022 are entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published
from gigawatt.study.score import central_interval

DATA = "income_groups"
COLUMNS = ("technology", "launched", "date", "high", "middle", "low", "united_states")
GROUPS = ("middle", "low")
LAUNCH = 2022  # of the technology whose lag is asked for
FEWEST = 4  # lags of a technology and a group behind three numbers
NOTES = (
    "Four technologies, and no two groups of countries: hardly more lags than numbers that are fitted. Technologies "
    "differ more than their dates say (fixed lines wait for cables, mobile ones do not), and the interval holds that.",
    "Middle-income countries are the world less the high- and the low-income ones; groups are those of today, so that "
    "countries that grew rich count as rich all along, and lags are too long for that.",
    "Where high-income countries are not in the table at the time, the United States stand for them. A level that the "
    "rich had passed before the table begins has no lag: low-income countries are not at the telephones of 1960 yet.",
    "Generative AI: share of people of working age that use it, Global South behind Global North, from reports on the "
    "publisher's figures; three dates, and a lag that cannot be longer than the three years since its launch.",
    "Lags are of subscriptions and of use, not of work handed over.",
)


@dataclass(frozen=True)
class Curve:
    """One technology in one group: dates, levels, the rising path of the leader, and lags (dates,) where known."""

    technology: str
    group: str
    launched: float
    year: np.ndarray
    lag: np.ndarray

    @property
    def typical(self) -> float:
        """Geometric mean of the lags. [years]"""
        return float(np.exp(np.log(self.lag).mean()))


@dataclass(frozen=True)
class Shrinking:
    """ln lag = level[group] + slope (launch - LAUNCH), with standard error `sd`, and draws of both."""

    groups: tuple[str, ...]
    level: np.ndarray
    slope: float
    sd: float
    drawn: np.ndarray

    def at(self, group: str, launch: np.ndarray) -> np.ndarray:
        """Lag of a group for a technology launched then. [years]"""
        return np.exp(self.level[self.groups.index(group)] + self.slope * (np.asarray(launch, float) - LAUNCH))

    def band(self, group: str, launch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Central interval of that."""
        since = np.asarray(launch, float)[None, :] - LAUNCH
        low, high = central_interval(
            np.exp(self.drawn[:, [self.groups.index(group)]] + self.drawn[:, [-1]] * since), LEVEL
        )
        return low, high


def fit(rows: Rows, *, until: str = "", bootstraps: int = 4000, seed: int = 0, bayes: bool = False) -> Fit:
    """Lag of middle- and low-income countries by technology, and that of a technology launched in 2022.

    rows: COLUMNS, one year of one technology a row, levels in any unit that is the same for all groups; empty where
    not known. bootstraps: draws of the posterior (flat priors, normal errors), which is exact: `bayes` changes nothing.
    Raises InputError for a cell that is no number, a level below zero, and fewer than FEWEST lags.
    """
    curves = [c for c in read(rows, until) if len(c.lag)]
    if len(curves) < FEWEST:
        raise InputError(f"income-lag: {len(curves)} lags of a technology and a group, {FEWEST} are needed: add rows.")
    law = shrinking(curves, max(bootstraps, 20), seed)
    return Fit(
        name="income-lag",
        title="Lags between countries by income",
        law=f"ln lag = a_group + b (launch - {LAUNCH})",
        method="distance to high-income countries in years, geometric mean over dates; least squares over technologies",
        data=f"{DATA}.csv: {len(curves)} lags of {len({c.technology for c in curves})} technologies",
        estimates=(*(measured(c) for c in curves), *asked(law), falls(law, curves, told=not until)),
        panels=(over_launches(law, curves), over_time(curves)),
        residuals=left(law, curves),
        statistics={"lags": float(len(curves)), "error of ln lag": law.sd},
        notes=NOTES,
        sources=("wdi", "microsoft-diffusion", "comin2010"),
        until=until,
    )


def read(rows: Rows, until: str = "") -> list[Curve]:
    """Lags of each technology and group up to a date."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        found.setdefault(row["technology"], []).append(row)
    return [curve for name, some in found.items() for curve in lags(name, some, until)]


def lags(name: str, rows: list[Mapping[str, str]], until: str) -> list[Curve]:
    where = f"income-lag, {name}"
    rows = sorted((r for r in rows if not until or r["date"] <= until), key=lambda r: r["date"])
    year = np.array([year_of(r["date"], where) for r in rows])
    level = {c: np.array([number(dict(r), c, where) for r in rows]) for c in ("high", *GROUPS, "united_states")}
    for column, values in level.items():
        if (values[np.isfinite(values)] < 0.0).any():
            raise InputError(f"{where}: {column} has a level below zero: mend or empty the cell.")
    leader = np.where(np.isfinite(level["high"]), level["high"], level["united_states"])
    launched = np.array([number(dict(r), "launched", where) for r in rows])
    return [
        Curve(name, group, float(launched[0]), *behind(year, level[group], leader)) for group in GROUPS if len(rows)
    ]


def behind(year: np.ndarray, level: np.ndarray, leader: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(dates, lags) of a group while it rises, where the leader is seen to have passed its level.

    The leader's path is its highest level so far, straight between the dates at which it rose.
    """
    seen = np.isfinite(leader)
    rising = np.fmax.accumulate(leader[seen]) if seen.any() else leader[seen]
    new = np.concatenate([[True], np.diff(rising) > 0.0]) if len(rising) else np.zeros(0, bool)
    then, height = year[seen][new], rising[new]
    known = np.isfinite(level) & (level > 0.0)
    if not known.any() or not len(height):
        return np.empty(0), np.empty(0)
    known &= np.arange(len(level)) <= np.argmax(np.where(known, level, -np.inf))
    known &= (level > height[0]) & (level <= height[-1])
    lag = year[known] - np.interp(level[known], height, then)
    return year[known][lag > 0.0], lag[lag > 0.0]


def shrinking(curves: list[Curve], draws: int, seed: int) -> Shrinking:
    """Least squares of ln lag over technologies, each lag once, with draws of its exact posterior."""
    groups = tuple(g for g in GROUPS if any(c.group == g for c in curves))
    y = np.log([c.typical for c in curves])
    design = np.array([[*(c.group == g for g in groups), c.launched - LAUNCH] for c in curves], float)
    free = len(y) - design.shape[1]
    if np.linalg.matrix_rank(design) < design.shape[1] or free < 1:
        raise InputError("income-lag: lags of one launch only, or as few as numbers: add a technology.")
    inverse = np.linalg.inv(design.T @ design)
    theta = inverse @ design.T @ y
    sd = float(np.sqrt(np.sum((y - design @ theta) ** 2) / free))
    rng = np.random.default_rng(seed)
    wide = sd * np.sqrt(free / rng.chisquare(free, (draws, 1)))
    drawn = theta + wide * (rng.standard_normal((draws, len(theta))) @ np.linalg.cholesky(inverse).T)
    return Shrinking(groups, theta[:-1], float(theta[-1]), sd, drawn)


# ---------------------------------------------------------------- what is told


def measured(curve: Curve) -> Estimate:
    """Lag of one technology: the geometric mean, and the span of the lags over the dates."""
    low, high = (float(x) for x in np.quantile(curve.lag, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]))
    name = f"{curve.technology}, {curve.group}"
    meaning = f"years by which {curve.group}-income countries were behind, {len(curve.lag)} dates; interval: over dates"
    return Estimate(name, meaning, "year", curve.typical, min(low, curve.typical), max(high, curve.typical))


def asked(law: Shrinking) -> list[Estimate]:
    """Lags of a technology launched in LAUNCH: entries of the model."""
    found = []
    for group in law.groups:
        (value,), (low,), (high,) = law.at(group, np.array([LAUNCH])), *law.band(group, np.array([LAUNCH]))
        meaning = f"lag of {group}-income countries for a technology launched in {LAUNCH}"
        entry = f"income_groups.lag.{group}"
        found.append(
            Estimate(
                f"lag-{group}", meaning, "year", float(value), float(low), float(high), None, "", entry, "lognormal"
            )
        )
    return found


def falls(law: Shrinking, curves: list[Curve], told: bool) -> Estimate:
    """Years by which the lag is shorter for a technology launched a decade later, at the mean lag."""
    middle = float(np.exp(np.mean([np.log(c.typical) for c in curves])))
    low, high = (float(10.0 * middle * x) for x in central_interval(law.drawn[:, -1], LEVEL))
    beside = Published(-2.0, "comin2010wp") if told else None
    why = "spread between 166 countries over 15 technologies and two centuries; here groups of countries over four"
    meaning = f"change of the lag per decade of launch, at the mean lag of {middle:.0f} years"
    value = 10.0 * middle * law.slope
    return Estimate("per-decade", meaning, "year", value, low, high, beside, why if told else "")


def over_launches(law: Shrinking, curves: list[Curve]) -> Panel:
    """Lags against the launch of the technology, with the law."""
    x = np.linspace(min(c.launched for c in curves), LAUNCH + 5.0, 40)
    lines = tuple(Line(f"{g} income", x, law.at(g, x), *law.band(g, x)) for g in law.groups)
    points = tuple(
        Points(f"{g} income", np.array([c.launched for c in some]), np.array([c.typical for c in some]))
        for g in law.groups
        if (some := [c for c in curves if c.group == g])
    )
    return Panel("Years behind by launch", "Launch of the technology", "Lag [years]", points, lines, "date", "log")


def over_time(curves: list[Curve]) -> Panel:
    """Lags of each technology as they were seen, year by year."""
    shown = tuple(Points(f"{c.technology}, {c.group}", c.year, c.lag) for c in curves)
    return Panel("Years behind as seen", "Year", "Lag [years]", shown, (), "date", "log")


def left(law: Shrinking, curves: list[Curve]) -> Panel:
    x = np.array([c.launched for c in curves])
    y = np.array([np.log(c.typical / law.at(c.group, np.asarray(c.launched))) for c in curves])
    return Panel(
        "What is left", "Launch of the technology", "ln lag less the law's", (Points("lags", x, y),), (), "date"
    )
