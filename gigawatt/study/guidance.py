"""What owners say they will spend in a fiscal year, and what it says of the quarters to come.

A firm names its spending of a year and revises it. If it says what it believes, its revisions are independent of one
another (Nordhaus 1987, Review of Economics and Statistics 69:667-674) and the logarithm of what it says is a walk that
ends at what it spends (martingale model of forecast evolution: Heath & Jackson 1994, IIE Transactions 26:17-30):

    ln(next statement or spending / statement) = drift * years + sd * sqrt(years) * normal.

Drift is the bias of past guidance, sd its spread, both from all firms that had spoken by then. No prior, no setting.
What a year still has to bring is spread evenly over its quarters. It is an observation of the sum of firms beside those
that came, with the error of the walk and, where only some firms have spoken, that of taking them for all.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of

DATA = "capex_guidance"
YEAR = 4  # quarters


@dataclass(frozen=True)
class Statement:
    """One firm's word on one fiscal year. date, year_end: ISO 8601. value: spending of that year. [bn USD]"""

    date: str
    firm: str
    year_end: str
    value: float


@dataclass(frozen=True)
class Known:
    """Statements by date, and what firms spent, by firm and end of quarter. [bn USD a quarter]"""

    statements: tuple[Statement, ...]
    spent: dict[str, dict[str, float]]

    def until(self, date: str) -> "Known":
        """What was known at a date: statements made and quarters ended by then."""
        spent = {firm: {d: v for d, v in by.items() if d <= date} for firm, by in self.spent.items()}
        return Known(tuple(s for s in self.statements if s.date <= date), spent)

    def year(self, firm: str, year_end: str) -> list[float]:
        """Spending of the quarters of a fiscal year that have ended."""
        begin = f"{int(year_end[:4]) - 1}{year_end[4:]}"
        return [v for d, v in self.spent.get(firm, {}).items() if begin < d <= year_end]


@dataclass(frozen=True)
class Walk:
    """Drift and standard deviation of guidance from year to year, in logs, from `years` of it in `steps` steps."""

    drift: float
    sd: float
    years: float
    steps: int

    def error(self, years: np.ndarray | float) -> np.ndarray | float:
        """Standard deviation of the logarithm after years, the drift being estimated."""
        return self.sd * np.sqrt(years + years**2 / self.years)


@dataclass(frozen=True)
class Pseudo:
    """Quarters to come as observations of the sum of firms: calendar years, logs, standard deviations."""

    t: np.ndarray
    y: np.ndarray
    error: np.ndarray


def shipped(guidance: Rows | None = None, capex: Rows | None = None) -> Known:
    """Statements and spending of the tables. guidance, capex: rows as in observed/capex_guidance.csv and
    hyperscaler_capex.csv, the shipped ones if None. Raises InputError for a cell that is no number or above zero."""
    guidance = table(DATA) if guidance is None else guidance
    capex = table("hyperscaler_capex") if capex is None else capex
    said = [
        Statement(r["date"], r["series"], r["year_end"], number(r, "value", DATA))
        for r in guidance
        if r["kind"] == "guidance"
    ]
    spent: dict[str, dict[str, float]] = defaultdict(dict)
    for r in capex:
        spent[r["series"]][r["date"]] = number(r, "value", "hyperscaler_capex")
    if not all(s.value > 0.0 for s in said):
        raise InputError(f"{DATA}: a statement is not above zero: mend or drop the row.")
    return Known(tuple(sorted(said, key=lambda s: (s.date, s.firm, s.year_end))), dict(spent))


def steps(known: Known) -> np.ndarray:
    """(n, 2): years and log change from each statement to the next on that year, or to what was spent in it."""
    by_year: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for s in known.statements:
        by_year[s.firm, s.year_end].append(s)
    found = []
    for (firm, year_end), said in by_year.items():
        points = [(year_of(s.date), np.log(s.value)) for s in said]
        quarters = known.year(firm, year_end)
        if len(quarters) == YEAR:
            points.append((year_of(year_end), np.log(sum(quarters))))
        found += [np.subtract(b, a) for a, b in zip(points, points[1:], strict=False)]
    return np.array(found).reshape(-1, 2)


def walk(changes: np.ndarray) -> Walk | None:
    """Maximum likelihood drift and unbiased variance of a Wiener process seen at `changes`; None below three steps."""
    if len(changes) < 3:
        return None
    years, change = changes.T
    drift = change.sum() / years.sum()
    variance = np.sum((change - drift * years) ** 2 / years) / (len(changes) - 1)
    return Walk(float(drift), float(np.sqrt(variance)), float(years.sum()), len(changes))


def ahead(known: Known, firms: tuple[str, ...]) -> Pseudo:
    """What guidance says of the sum of `firms`: one observation for each run of quarters that the same firms cover.

    known: cut at the origin. Empty where no firm has spoken on a year to come or too few steps are behind.
    """
    law = walk(steps(known))
    if law is None:
        return Pseudo(*np.empty((3, 0)))
    latest = {(s.firm, s.year_end): s for s in known.statements if s.firm in firms}
    quarters: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    for s in latest.values():
        came, left = known.year(s.firm, s.year_end), year_of(s.year_end) - year_of(s.date)
        due = YEAR - len(came)
        whole = s.value * np.exp(law.drift * left)
        if due and whole > sum(came):
            for k in range(due):
                share = ((whole - sum(came)) / due, whole * law.error(left) / due)
                quarters[round(YEAR * year_of(s.year_end)) - k][s.firm] = share
    runs: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for quarter in sorted(quarters):
        runs[tuple(f for f in firms if f in quarters[quarter])].append(quarter)
    found = [observation(known, firms, told, [quarters[q] for q in run], run) for told, run in runs.items()]
    return Pseudo(*np.array(found).reshape(-1, 3).T)


def observation(known, firms, told, said, run) -> tuple[float, float, float]:
    """Calendar year, log and error of the sum's mean quarter of a run, from those firms that `told`.

    The sum grows on its last year as they do. Errors of firms are taken as one: a boom raises all.
    """
    ends = sorted(set.intersection(*(set(known.spent[f]) for f in firms)))
    every = np.array([[known.spent[f][d] for d in ends] for f in firms])
    some = every[[firms.index(f) for f in told]].sum(axis=0)
    mean, sd = np.mean([[sum(part) for part in zip(*by.values(), strict=True)] for by in said], axis=0)
    level = every.sum(axis=0)[-YEAR:].sum() / some[-YEAR:].sum() * mean
    apart = relative(every.sum(axis=0), len(run)) - relative(some, len(run))
    return float(np.mean(run)) / YEAR, float(np.log(level)), float(np.hypot(sd / mean, np.sqrt(np.mean(apart**2))))


def relative(spent: np.ndarray, quarters: int) -> np.ndarray:
    """Logs of the mean of the next `quarters` over the mean of the year before, at every quarter that has both."""
    total = np.concatenate([[0.0], np.cumsum(spent)])
    at = np.arange(YEAR, len(spent) - quarters + 1)
    return np.log((total[at + quarters] - total[at]) / quarters / ((total[at] - total[at - YEAR]) / YEAR))
