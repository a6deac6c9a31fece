"""Scoreboard: every forecast of the past with its score, and what is said today of dates to come, in one place.

Three hindcasts (the world from the end of 2023, the build-out and revenue each from three dates) as rows of one form.
Scores are of the natural logarithm. The rival is last year's growth continued, as a bare number, and with the model's
own width, so that the second comparison is about the centre alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gigawatt.core.observed import last_date
from gigawatt.core.result import version
from gigawatt.core.scenario import Scenario
from gigawatt.study import buildout_hindcast, revenue_hindcast
from gigawatt.study.hindcast import Hindcast, hindcast
from gigawatt.study.ledger import Forecast, ledger
from gigawatt.study.observed import points
from gigawatt.study.score import Scored

LEVELS = (0.5, 0.9)
NOWCAST = "nowcast_2026_06"  # the scenario that starts from the newest data
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


History = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Board(Scored):
    """The rows of one hindcast, or of several. seen: what was observed of each series, (calendar year, value)."""

    points: tuple[Row, ...]
    name: str
    title: str
    seen: History = field(default_factory=dict)

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
        rows = [{k: v for k, v in asdict(p).items() if k != "covered"} for p in self.points]
        about = {"name": self.name, "title": self.title, "coverage": coverage, "calibration": self.calibration()}
        seen = {series: [list(pair) for pair in pairs] for series, pairs in self.seen.items()}
        return {**about, **scores, **wins, "points": rows, "seen": seen}


@dataclass(frozen=True)
class Scoreboard:
    """boards: one for each hindcast. data_date: newest observation that ships.

    ledger: what is said from the start of base (or of another scenario); nowcast: from the newest start.
    """

    boards: tuple[Board, ...]
    ledger: tuple[Forecast, ...]
    nowcast: tuple[Forecast, ...]
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
        said = {"ledger": self.ledger, "nowcast": self.nowcast}
        rows = {name: [{**asdict(f), "inside": f.inside} for f in own] for name, own in said.items()}
        return {**about, "all": self.all.to_dict(), "hindcasts": [b.to_dict() for b in self.boards], **rows}


def scoreboard(scenario: str | Scenario = "base", draws: int = 1000, seed: int = 0) -> Scoreboard:
    """Score the past and say what comes, from the start of a scenario and from the newest one.

    scenario: of the first ledger; hindcasts start from what was known then.
    """
    boards = (of_world(hindcast(draws=draws, seed=seed)), of_buildout(seed), of_revenue(seed))
    said, nowcast = ledger(scenario, draws, seed), ledger(NOWCAST, draws, seed)
    return Scoreboard(boards, said, nowcast, draws, seed, last_date())


def of_world(found: Hindcast) -> Board:
    rows = tuple(
        Row(p.series, p.unit, "2023-12-31", p.date, p.observed, *five(p.bands[0.9], p.bands[0.5], p.median), p.naive,
            p.pit, p.covered, p.crps, p.crps_point, p.crps_moved)
        for p in found.points
    )  # fmt: skip
    seen = {s.name: [(year + 1.0, value) for year, value in sorted(s.observed.items())] for s in found.series}
    return Board(rows, "world", "The world, from the end of 2023", seen)


def of_buildout(seed: int) -> Board:
    named = {name: text.removesuffix("]").partition(" [") for name, text in buildout_hindcast.SERIES.items()}
    series = buildout_hindcast.observed()
    found = buildout_hindcast.hindcast(series, seed=seed)
    seen = {named[name][0]: list(zip(q.t.tolist(), q.value.tolist(), strict=True)) for name, q in series.items()}
    rows = tuple(row(*named[p.series][::2], p, p.date) for p in found.points)
    return Board(rows, "buildout", "Chips, power and capital spending, from three dates", seen)


def of_revenue(seed: int) -> Board:
    found = revenue_hindcast.hindcast(seed=seed)
    reports = {lab: points("revenue", lab) for lab in revenue_hindcast.LABS}
    seen = {
        f"Revenue, {lab}": list(zip(p.year.tolist(), p.value.tolist(), strict=True)) for lab, p in reports.items() if p
    }
    rows = tuple(row(f"Revenue, {p.lab}", "bn USD/year", p, day_of(p.date)) for p in found.points)
    return Board(rows, "revenue", "Revenue of two labs, from three dates", seen)


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
