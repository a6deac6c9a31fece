"""Scoreboard: every forecast of the past with its score, and what is said today of dates to come, in one place.

Three hindcasts (the world from the end of 2023, the build-out and revenue each from three dates) as rows of one form.
Scores are of the natural logarithm. The rival is last year's growth continued, as a bare number, and with the model's
own width, so that the second comparison is about the centre alone.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gigawatt.core.observed import last_date
from gigawatt.core.result import version
from gigawatt.core.scenario import Scenario
from gigawatt.study import buildout_hindcast, revenue_hindcast
from gigawatt.study.hindcast import Hindcast, hindcast
from gigawatt.study.ledger import Forecast, ledger
from gigawatt.study.score import Scored

LEVELS = (0.5, 0.9)
BINS = 5  # of the histogram of probability integral transforms: few points fill no more


@dataclass(frozen=True)
class Row:
    """One forecast that has been met. origin: last date known; at: date of what came. Values in `unit`.

    pit: share of the draws below what came. crps: of the model; crps_point, crps_moved: of last year's growth, bare and
    with the model's width.
    """

    series: str
    unit: str
    origin: str
    at: str
    observed: float
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    grown: float
    pit: float
    covered: dict[float, bool]
    crps: float
    crps_point: float
    crps_moved: float


@dataclass(frozen=True)
class Board(Scored):
    """The rows of one hindcast, or of several."""

    points: tuple[Row, ...]
    name: str
    title: str

    def ratio(self, rival: str) -> float:
        """Mean score over that of `crps_point` or `crps_moved`: above one, the rival was better."""
        return self.mean() / self.mean(rival)

    def wins(self, rival: str) -> int:
        """Number of points at which the model scored better than the rival."""
        return sum(p.crps < getattr(p, rival) for p in self.points)

    def calibration(self) -> list[float]:
        """Share of points by fifths of the forecast distribution in which they fell: a fifth each if calibrated."""
        counts = np.histogram([p.pit for p in self.points], bins=BINS, range=(0.0, 1.0))[0]
        return (counts / max(len(self.points), 1)).tolist()

    def to_dict(self) -> dict[str, Any]:
        scores = {f"mean_{score}": self.mean(score) for score in ("crps", "crps_point", "crps_moved")}
        wins = {f"wins_{rival}": self.wins(rival) for rival in ("crps_point", "crps_moved")}
        coverage = {f"{100 * level:.0f}": self.coverage(level) for level in LEVELS}
        points = [{k: v for k, v in asdict(p).items() if k != "covered"} for p in self.points]
        about = {"name": self.name, "title": self.title, "coverage": coverage, "calibration": self.calibration()}
        return {**about, **scores, **wins, "points": points}


@dataclass(frozen=True)
class Scoreboard:
    """boards: one for each hindcast. ledger: what is said today. data_date: newest observation that ships."""

    boards: tuple[Board, ...]
    ledger: tuple[Forecast, ...]
    draws: int
    seed: int
    data_date: str

    @property
    def all(self) -> Board:
        """All rows as one board."""
        return Board(tuple(p for board in self.boards for p in board.points), "all", "All hindcasts")

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, as `gigawatt scoreboard --json` prints them."""
        about = {"gigawatt": version(), "data_date": self.data_date, "draws": self.draws, "seed": self.seed}
        rows = [{**asdict(f), "inside": f.inside} for f in self.ledger]
        return {**about, "all": self.all.to_dict(), "hindcasts": [b.to_dict() for b in self.boards], "ledger": rows}


def scoreboard(scenario: str | Scenario = "base", draws: int = 1000, seed: int = 0) -> Scoreboard:
    """Score the past and say what comes. scenario: of the ledger; hindcasts start from what was known then."""
    boards = (
        Board(rows_of_world(hindcast(draws=draws, seed=seed)), "world", "The world, from the end of 2023"),
        Board(rows_of_buildout(seed), "buildout", "Chips, power and capital spending, from three dates"),
        Board(rows_of_revenue(seed), "revenue", "Revenue of two labs, from three dates"),
    )
    return Scoreboard(boards, ledger(scenario, draws, seed), draws, seed, last_date())


def rows_of_world(found: Hindcast) -> tuple[Row, ...]:
    return tuple(
        Row(p.series, p.unit, "2023-12-31", p.date, p.observed, *five(p.bands[0.9], p.bands[0.5], p.median), p.naive,
            p.pit, p.covered, p.crps, p.crps_point, p.crps_moved)
        for p in found.points
    )  # fmt: skip


def rows_of_buildout(seed: int) -> tuple[Row, ...]:
    named = {name: text.removesuffix("]").partition(" [") for name, text in buildout_hindcast.SERIES.items()}
    found = buildout_hindcast.hindcast(seed=seed)
    return tuple(row(*named[p.series][::2], p, p.date) for p in found.points)


def rows_of_revenue(seed: int) -> tuple[Row, ...]:
    found = revenue_hindcast.hindcast(seed=seed)
    return tuple(row(f"Revenue, {p.lab}", "bn USD/year", p, day_of(p.date)) for p in found.points)


def row(series: str, unit: str, p: buildout_hindcast.Point | revenue_hindcast.Point, at: str) -> Row:
    return Row(series, unit, p.origin, at, p.observed, *five((p.low, p.high), p.half, p.median), p.grown, p.pit,
               p.covered, p.crps, p.crps_grown, p.crps_moved)  # fmt: skip


def five(wide: Iterable[float], half: Iterable[float], median: float) -> tuple[float, float, float, float, float]:
    (p05, p95), (p25, p75) = wide, half
    return p05, p25, median, p75, p95


def day_of(year: float) -> str:
    """2025.5 -> '2025-07-01', the inverse of `core.path.year_of` to the day."""
    month = int((year % 1) * 12 + 1e-6)
    day = round((year % 1 - month / 12) * 365.25) + 1
    return f"{int(year)}-{month + 1:02d}-{day:02d}"
