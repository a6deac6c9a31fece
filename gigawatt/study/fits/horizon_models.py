"""The models behind the time horizon: measured in suites of tasks that do not agree, some in two of them."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.stats import norm

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.names import same
from gigawatt.study.fits.records import records

PUBLISHED_LEVEL = 0.95  # of the intervals in the data


@dataclass(frozen=True)
class Models:
    """Models of one suite in the order of release, (n,) each. Horizons in minutes; error: sd of log2 of p50."""

    name: np.ndarray
    date: np.ndarray
    year: np.ndarray
    p50: np.ndarray
    p50_low: np.ndarray
    p50_high: np.ndarray
    p80: np.ndarray
    error: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def pick(self, chosen: np.ndarray) -> "Models":
        """The models for which `chosen` is true."""
        return Models(*(getattr(self, field)[chosen] for field in self.__dataclass_fields__))

    def frontier(self) -> "Models":
        """Models whose 50 % horizon beat all earlier ones of the suite."""
        return self.pick(records(self.year, self.p50))


def read(rows: Rows) -> dict[str, Models]:
    """Models by suite, oldest suite first by name. Raises InputError for a date or a horizon that is none."""
    return {s: _models([r for r in rows if r["suite"] == s]) for s in sorted({r["suite"] for r in rows})}


def _models(rows: Rows) -> Models:
    rows = sorted(rows, key=lambda r: r["release_date"])
    where = [f"metr_time_horizons, {r['model']}" for r in rows]
    columns = ("p50_min", "p50_min_ci_low", "p50_min_ci_high", "p80_min")
    p50, low, high, p80 = (np.array([number(r, c, w) for r, w in zip(rows, where, strict=True)]) for c in columns)
    for place, minutes in zip(where, p50, strict=True):
        if not 0.0 < minutes < np.inf:
            raise InputError(f"{place}: p50_min = {minutes:g}: a horizon is a number of minutes above 0.")
    years = np.array([_year(r["release_date"], w) for r, w in zip(rows, where, strict=True)])
    names, dates = (np.array([r[c] for r in rows]) for c in ("model", "release_date"))
    return Models(names, dates, years, p50, low, high, p80, _error(low, high))


def _year(release: str, where: str) -> float:
    """Calendar year by counting days, as METR does: months of unequal length would move a doubling time by 0.2 %."""
    year_of(release, where)  # says what is wrong with a date that is none
    return 1970.0 + (date.fromisoformat(release) - date(1970, 1, 1)).days / 365.25


def _error(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Standard deviation of log2 from the published interval; the median of the suite where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.log2(high / low) / (2.0 * norm.ppf(0.5 + PUBLISHED_LEVEL / 2.0))
    usable = np.isfinite(error) & (error > 0.0)
    return np.where(usable, error, np.median(error[usable]) if usable.any() else 0.0)


def longer(old: Models, new: Models) -> np.ndarray:
    """log2 of the horizon in the new suite over that in the old one, for each model measured in both. [doublings]"""
    before = [str(name) for name in old.name]
    found = [same(name, year, before, old.year) for name, year in zip(new.name, new.year, strict=True)]
    return np.array([np.log2(new.p50[k] / old.p50[i]) for k, i in enumerate(found) if i is not None])


def stitched(old: Models, new: Models, since: str) -> Models:
    """The old suite before a date, moved by the mean of `longer`, and the new one from then on."""
    factor = float(np.exp2(longer(old, new).mean()))
    early, late = old.pick(old.date < since), new.pick(new.date >= since)
    moved = {f: factor * getattr(early, f) for f in ("p50", "p50_low", "p50_high", "p80")}
    early = replace(early, **moved)
    return Models(*(np.concatenate([getattr(m, f) for m in (early, late)]) for f in early.__dataclass_fields__))
