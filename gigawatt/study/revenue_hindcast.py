"""Revenue hindcast: what was known of a lab's revenue at a date, what was forecast from it, and what came.

Growth that falls with size (fits/bend.py) against 'last year's log growth goes on', once as a bare number and once
with the model's own width: its draws moved in the logarithm until their median is that number. Scores are of
ln revenue, so that an error of 0.1 is about ten per cent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, about, table
from gigawatt.core.path import year_of
from gigawatt.study.fits.bend import Seller, bends
from gigawatt.study.fits.revenue import DATA, FEWEST, known, read
from gigawatt.study.score import Scored, central_interval, crps_ensemble, is_covered, pit

LABS = ("OpenAI", "Anthropic")
ORIGINS = ("2024-06-30", "2024-12-31", "2025-06-30")
LEADS = (0.5, 1.0)  # years; the last report there is comes on top
LEVELS = (0.5, 0.9)
NEAR = 1 / 6  # years: a report counts for a lead if it lies so near
MEMBERS = 4000


@dataclass(frozen=True)
class Point:
    """One report that came after an origin. Values in bn USD a year; scores are of ln revenue.

    wanted: the lead it stands for, in years, 'last' for the last report. half: ends of the central half of the draws.
    grown: last year's growth continued. pit: share of the draws below. crps: of the model; crps_grown, crps_moved: of
    that growth, bare and with the model's width.
    """

    lab: str
    origin: str
    wanted: str
    date: float
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
    """All points, and what could not be forecast, with the reason."""

    points: tuple[Point, ...]
    skipped: tuple[str, ...]

    def of(self, lab: str = "", origin: str = "") -> "Hindcast":
        """The part of one lab, one origin, or both."""
        kept = (p for p in self.points if lab in ("", p.lab) and origin in ("", p.origin))
        return Hindcast(tuple(kept), self.skipped)


def hindcast(
    rows: Rows | None = None,
    labs: Iterable[str] = LABS,
    origins: Iterable[str] = ORIGINS,
    leads: Sequence[float] = LEADS,
    seed: int = 0,
) -> Hindcast:
    """Forecast each lab from each origin, and score the reports nearest to each lead and the last one.

    rows: run rates as in observed/lab_revenue.csv, which may hold later reports; the shipped ones if None. Raises
    InputError for a row that cannot be read or where no lab has reports enough before any origin.
    """
    every = read(table(DATA) if rows is None else rows)
    error, labs = float(about()[DATA]["noise"]), tuple(labs)
    points: list[Point] = []
    skipped: list[str] = []
    for origin in origins:
        # Rows after the origin are cut before anything is fitted: the bend is shared by what was known then.
        past = known(every, origin)
        posteriors = bends(past, error, seed)
        for lab in labs:
            if lab not in past:
                skipped.append(f"{lab} from {origin}: fewer than {FEWEST} reports")
                continue
            targets = aims(every[lab], origin, leads)
            at = np.array([t for _, t, _ in targets])
            if not len(at):
                skipped.append(f"{lab} from {origin}: no report came after it")
                continue
            members = posteriors[lab].observed(at, MEMBERS, seed)
            grown = last_year_continued(past[lab], at)
            points += [scored(lab, origin, *target, members[:, i], float(grown[i])) for i, target in enumerate(targets)]
    if not points:
        raise InputError(f"revenue hindcast: nothing to score ({'; '.join(skipped)}): name other labs or origins.")
    return Hindcast(tuple(points), tuple(skipped))


def aims(seller: Seller, origin: str, leads: Sequence[float]) -> list[tuple[str, float, float]]:
    """(lead, date, ln revenue) of the report nearest to each lead, if one is NEAR, and of the last report."""
    start = year_of(origin)
    later = seller.t > start + 1e-9
    t, y = seller.t[later], seller.y[later]
    found: dict[int, str] = {}
    for lead in leads:
        if len(t) and np.min(np.abs(t - start - lead)) <= NEAR:
            found.setdefault(int(np.argmin(np.abs(t - start - lead))), f"{12 * lead:.0f} months")
    if len(t):
        found.setdefault(len(t) - 1, "last")
    return [(wanted, float(t[i]), float(y[i])) for i, wanted in found.items()]


def last_year_continued(seller: Seller, at: np.ndarray) -> np.ndarray:
    """ln revenue at dates if the last year's log growth goes on: the line through the last report and a year before.

    The level a year before lies on the straight line in ln R between reports; a history under a year is all used.
    """
    before = max(seller.t[-1] - 1.0, seller.t[0])
    slope = (seller.y[-1] - np.interp(before, seller.t, seller.y)) / (seller.t[-1] - before)
    return seller.y[-1] + slope * (np.asarray(at, float) - seller.t[-1])


def scored(
    lab: str, origin: str, wanted: str, date: float, observed: float, members: np.ndarray, grown: float
) -> Point:
    """One point from draws (n,) of ln revenue and the baseline's number."""
    (lower, upper), (low, high) = (np.exp(central_interval(members, level)) for level in LEVELS)
    median = float(np.median(members))
    return Point(
        lab=lab,
        origin=origin,
        wanted=wanted,
        date=date,
        observed=float(np.exp(observed)),
        median=float(np.exp(median)),
        low=float(low),
        high=float(high),
        half=(float(lower), float(upper)),
        grown=float(np.exp(grown)),
        pit=float(pit(members, observed)),
        covered={level: bool(is_covered(members, observed, level)) for level in LEVELS},
        crps=float(crps_ensemble(members, observed)),
        crps_grown=abs(grown - observed),
        crps_moved=float(crps_ensemble(members - median + grown, observed)),
    )


def text(result: Hindcast) -> str:
    """A table of all points, as Markdown."""
    lines = [
        "| lab | from | report | came | forecast, 90 % | last year's growth | CRPS | bare | same width |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for p in result.points:
        band = f"{p.median:.1f} ({p.low:.1f} to {p.high:.0f})"
        scores = " | ".join(f"{score:.2f}" for score in (p.crps, p.crps_grown, p.crps_moved))
        where = f"{p.wanted}, {p.date:.1f}"
        lines.append(f"| {p.lab} | {p.origin} | {where} | {p.observed:.1f} | {band} | {p.grown:.1f} | {scores} |")
    return "\n".join(lines)
