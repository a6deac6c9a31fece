"""Paths in time: dated values of a lever or a hold, as one number per month.

A lever is a parameter that changes on dates: from its date on, until the next. A hold prescribes a signal:
straight lines between dates, computed again outside them. Both are NaN where they say nothing.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError

_DATE = re.compile(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$")


def year_of(date: str, where: str = "date") -> float:
    """'2027-06' -> 2027.4167: the start of that month (or that day) as a calendar year."""
    match = _DATE.match(str(date))
    year, month, day = (int(part or 1) for part in match.groups()) if match else (0, 0, 0)
    try:
        datetime.date(year, month, day)
    except ValueError:
        raise InputError(f"{where}: '{date}' is not a date: write YYYY-MM.") from None
    return year + (month - 1) / 12 + (day - 1) / 365.25


def year_after(date: str, where: str = "date") -> float:
    """'2036-12' -> 2037.0: the end of that month as a calendar year."""
    return year_of(str(date)[:7], where) + 1 / 12


@dataclass(frozen=True)
class Path:
    """Dated values, sorted by date. dates: calendar years; values: numbers in the unit of what they drive."""

    dates: tuple[float, ...]
    values: tuple[float, ...]

    @staticmethod
    def read(table: Mapping[str, float], where: str) -> "Path":
        """From {'2026-01': 0.0, '2027-06': 1.0}. Raises InputError for a bad date or number."""
        if not isinstance(table, Mapping) or not table:
            raise InputError(f"{where}: give dated values, e.g. {{ 2026-01 = 0.0, 2027-06 = 1.0 }}.")
        pairs = []
        for date, value in table.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < np.inf:
                raise InputError(f"{where}: '{value}' at {date} is not a finite number.")
            pairs.append((year_of(date, where), float(value)))
        dates, values = zip(*sorted(pairs), strict=True)
        return Path(dates, values)

    def steps(self, year_ends: np.ndarray) -> np.ndarray:
        """The value in force at the end of each step; NaN before the first date."""
        at = np.searchsorted(np.asarray(self.dates), year_ends - 1e-9, side="right") - 1
        return np.where(at < 0, np.nan, np.asarray(self.values)[np.maximum(at, 0)])

    def line(self, year_ends: np.ndarray) -> np.ndarray:
        """Straight lines between dates; NaN before the first and after the last."""
        return np.interp(year_ends, self.dates, self.values, left=np.nan, right=np.nan)
