"""The series of adoption that ship, or of a file of the same columns, from their first value above zero."""

from dataclasses import replace

import numpy as np

from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.growth_curves import Series, placed

SALES = "units per"  # words in the unit of sales, which are added up; other flows are a rate of use, a level itself


def read(rows: Rows) -> dict[str, Series]:
    """Series by name, of either kind of table. Raises InputError for a cell that is no number or no date."""
    found = classics(rows) if "series" in rows[0] else households(rows)
    return {s.name: s for s in found}


def classics(rows: Rows) -> list[Series]:
    """The series of diffusion_classics.csv, or of a file of the same columns; years after launch for dated ones."""
    found = []
    for name, some in grouped(rows, "series").items():
        t = np.array([number(r, "t", name) for r in some])
        value = np.array([number(r, "value", name) for r in some])
        sales = SALES in some[0]["unit"]
        cap = 1.0 if some[0]["kind"] == "share" else np.inf
        dates = tuple(r["period_end"] for r in some)
        x = np.array([year_of(d, name) for d in dates]) if all(dates) else t
        y = np.cumsum(value) if sales else value
        found.append(trimmed(Series(name, t, y, period(t, x, dates), cap, 0.0, some[0]["unit"], dates, x)))
    return found


def households(rows: Rows) -> list[Series]:
    """The series of us_household_technology.csv: share of households by year."""
    found = []
    for name, some in grouped(rows, "technology").items():
        year = np.array([number(r, "year", name) for r in some])
        share = np.array([number(r, "adoption_percent", name) for r in some]) / 100.0
        dates = tuple(f"{int(y):04d}-12-31" for y in year)
        x = np.array([year_of(d, name) for d in dates])
        found.append(trimmed(Series(name, year - year[0] + 1.0, share, 1.0, 1.0, 0.0, "share", dates, x)))
    return found


def grouped(rows: Rows, by: str) -> dict[str, Rows]:
    """Rows by the name in one column, in the order of the table."""
    found: dict[str, Rows] = {}
    for r in rows:
        found.setdefault(r[by], []).append(r)
    return found


def period(t: np.ndarray, x: np.ndarray, dates: tuple[str, ...]) -> float:
    """Years in one unit of t, to the month; one where there are no dates."""
    return float(np.round(12.0 * np.ptp(x) / np.ptp(t)) / 12.0) if all(dates) and len(t) > 1 else 1.0


def trimmed(series: Series) -> Series:
    """The series from its first value above zero, times counted from the row before it; without rows if it has none."""
    above = series.y > 0.0
    k = int(np.argmax(above)) if above.any() else len(series.y)
    step = series.t[1] - series.t[0] if len(series.t) > 1 else 1.0
    before = series.t[k - 1] if k else series.t[0] - step
    left = replace(series, t=series.t[k:] - before, y=series.y[k:], x=series.x[k:], dates=series.dates[k:])
    return placed(left)
