"""Events: what happens in which share of the draws, and when.

An event has happened in a draw once its signal has passed a threshold at the end of some month. Its probability is
the share of draws; its dates are taken among the draws in which it happens, so they say nothing of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gigawatt.core.result import by_draw


@dataclass(frozen=True)
class Event:
    """One event of a run.

    probability: share of draws in which it happens by the end of the run. by: the same by the end of each year.
    median, low, high: calendar year at the end of the month in which it happens, median and 5th and 95th percentile
    among the draws in which it happens; None if it happens in none. signal, lab: what was watched.
    """

    name: str
    probability: float
    by: Mapping[int, float]
    median: float | None
    low: float | None
    high: float | None
    signal: str = ""
    lab: str = ""


@dataclass(frozen=True)
class Watch:
    """What counts as an event: `signal` at or above `least`, or at or below `most`, in the signal's own unit.

    `unit` states the unit that the threshold is meant in. `name` is said of the industry, `name_of_lab` of one lab.
    """

    name: str
    signal: str
    unit: str
    least: float = -np.inf
    most: float = np.inf
    name_of_lab: str = ""

    def happened(self, values: np.ndarray) -> np.ndarray:
        """True where the condition holds; not for NaN."""
        return np.logical_and(values >= self.least, values <= self.most)


# Thresholds are round figures that people argue about; they enter no law.
WATCHED = (
    Watch("Genius level reached", "genius", "share", least=0.5),
    Watch("Industry revenue over 1 tn USD a year", "industry_revenue", "bn USD/year", least=1000.0),
    Watch("Industry power (IT load) over 100 GW", "it_power", "GW", least=100.0),
    Watch("AI does a tenth of the world's work", "work_by_ai", "share", least=0.1),
    Watch("World output grows 10 % a year", "output_growth", "1", least=0.1),
    Watch("First ruin of any lab", "alive", "share", most=0.5, name_of_lab="Ruin of {}"),
)


def events(ds: xr.Dataset) -> list[Event]:
    """Every watched event whose signal the result holds; for signals by lab, any lab first and then each lab."""
    found, years = [], ds["year"].values
    for watch in WATCHED:
        if watch.signal not in ds:
            continue
        happened = watch.happened(by_draw(ds.variables[watch.signal]))
        if happened.ndim == 2:
            found.append(event(watch.name, happened, years, watch.signal))
            continue
        found.append(event(watch.name, np.any(happened, axis=2), years, watch.signal))
        for i, lab in enumerate(ds["lab"].values):
            name = watch.name_of_lab.format(lab)
            found.append(event(name, happened[:, :, i], years, watch.signal, str(lab)))
    return found


def event(name: str, happened: np.ndarray, years: np.ndarray, signal: str = "", lab: str = "") -> Event:
    """An event from `happened` (draw, month), true in each month in which the condition holds.

    years: calendar year at the end of each month.
    """
    first = first_years(happened, years)
    dates = first[np.isfinite(first)]
    low, median, high = np.quantile(dates, [0.05, 0.5, 0.95]).tolist() if dates.size else (None, None, None)
    ends = ends_of_years(years)
    share = (first[:, None] <= years[list(ends.values())]).mean(axis=0)
    by = dict(zip(ends, share.tolist(), strict=True))
    return Event(name, dates.size / len(first), by, median, low, high, signal, lab)


def first_years(happened: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Calendar year at which each draw first meets the condition, (draw,); infinite where it never does."""
    return np.where(happened.any(axis=1), years[happened.argmax(axis=1)], np.inf)


def ends_of_years(years: np.ndarray) -> dict[int, int]:
    """{2026: index of its last step, ...} for every calendar year that ends within the run."""
    whole = np.arange(int(years[0] - 1e-6), int(years[-1] + 1e-6))
    at = np.abs(years[:, None] - (whole + 1)).argmin(axis=0)
    return dict(zip(whole.tolist(), at.tolist(), strict=True))
