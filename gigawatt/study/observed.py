"""Observed points of a signal: which shipped series measures it, and what to beware of."""

from dataclasses import dataclass

import numpy as np

from gigawatt.core.observed import table
from gigawatt.core.path import year_of


@dataclass(frozen=True)
class Series:
    """A shipped series that measures a signal. keep: column and the values of it that count."""

    file: str
    keep: tuple[tuple[str, tuple[str, ...]], ...]
    caveat: str


@dataclass(frozen=True)
class Points:
    """Observations: calendar years and values, with ends of the source's interval (NaN where it gives none)."""

    year: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    caveat: str


SERIES = {
    "revenue": Series("lab_revenue", (), "reported run rates, nominal USD"),
    "power": Series(
        "lab_compute",
        (("series", ("power_disclosed", "power_modelled")),),
        "estimates of Epoch AI, with its 90 % intervals",
    ),
    "chip_power": Series(
        "industry_compute",
        (("series", ("chip_tdp_stock",)), ("coverage", ("all_listed",)), ("complete", ("1",))),
        "chips sold (not yet in service), no retirements; makers of 2024 enter late",
    ),
    "industry_compute": Series(
        "industry_compute",
        (("series", ("h100e_stock",)), ("coverage", ("all_listed",)), ("complete", ("1",))),
        "chips sold (not yet in service), no retirements; makers of 2024 enter late",
    ),
    "horizon": Series(
        "metr_horizon",
        (("frontier", ("1",)),),
        "record models measured by METR, 95 % intervals; above 8 h hardly measured",
    ),
    "frontier": Series("eci_frontier", (), "record models in the index of Epoch AI"),
    "frontier_run": Series(
        "frontier_training", (("record", ("1",)),), "record runs, estimates of Epoch AI; few labs disclose since 2024"
    ),
}


def points(signal: str, lab: str = "", since: float = -np.inf) -> Points | None:
    """What was observed of a signal (of one lab) a week or more after the calendar year `since`, or None."""
    series = SERIES.get(signal)
    if series is None:
        return None
    rows = [r for r in table(series.file) if all(r[column] in values for column, values in series.keep)]
    dated = [(year_of(r["date"]) + 1 / 365.25, r) for r in rows if not lab or r["lab"] == lab]  # the end of that day
    dated = [(year, r) for year, r in dated if year > since + 0.02]
    if not dated:
        return None
    value, low, high = (np.array([float(r.get(c) or "nan") for _, r in dated]) for c in ("value", "low", "high"))
    return Points(np.array([year for year, _ in dated]), value, low, high, series.caveat)
