"""Arrival: when the genius level comes, as the simulation says and as people say, side by side (S06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import betaincinv

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.run import run
from gigawatt.mechanisms import elicitation as laws
from gigawatt.study.elicited import LAWS, Fitted, fit_view
from gigawatt.study.events import first_years
from gigawatt.study.views import View, contradictions, load_view

VIEWS = ("amodei_two_years", "company_forecast", "patel")  # one for each person
CHANCES = (0.1, 0.25, 0.5, 0.75, 0.9)
BAND = 0.9  # of the interval of a share of draws
FINE = np.arange(1, 1000) / 1000.0  # chances at which dates are averaged

POOLS = ("linear", "odds", "logarithmic", "quantile")


@dataclass(frozen=True)
class Arrival:
    """Chances that the genius level has come, by calendar date, given that it had not on the first.

    years: (n,). simulated, low, high: share of draws and its 90 % interval, (n,). elicited: (views, n).
    pooled: (n,). fitted: the law through each view. contradictions: a sentence each.
    """

    run: xr.Dataset
    law: str
    pool: str
    years: np.ndarray
    simulated: np.ndarray
    low: np.ndarray
    high: np.ndarray
    fitted: tuple[Fitted, ...]
    elicited: np.ndarray
    pooled: np.ndarray
    contradictions: tuple[str, ...]

    @property
    def curves(self) -> dict[str, np.ndarray]:
        """Every curve by name, (n,) each: the simulation, the views, and the pool where there are several."""
        found = {"simulation": self.simulated}
        found |= {f.view.name: row for f, row in zip(self.fitted, self.elicited, strict=True)}
        return found | ({f"{self.pool} pool": self.pooled} if len(self.fitted) > 1 else {})

    def quantiles(self, chances: Sequence[float] = CHANCES) -> dict[str, np.ndarray]:
        """Calendar dates by which each chance is reached, for every curve; infinite after the last date."""
        return {name: dates_at(np.asarray(chances), self.years, row) for name, row in self.curves.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the curves, the dates of some chances (infinite after the last date), the contradictions."""
        dates = {
            name: dict(zip(map(str, CHANCES), row.tolist(), strict=True)) for name, row in self.quantiles().items()
        }
        told = {"scenario": self.run.attrs["scenario"], "law": self.law, "pool": self.pool, "years": self.years}
        return told | {"chances": self.curves, "dates": dates, "contradictions": self.contradictions}

    def by(self, date: float) -> dict[str, float]:
        """The chance by one calendar date, for every curve. [probability]"""
        return {name: float(np.interp(date, self.years, row)) for name, row in self.curves.items()}


def arrival(
    scenario: str = "base",
    views: Sequence[str | View] = VIEWS,
    law: str = "capped",
    pool: str = "linear",
    weights: Sequence[float] | None = None,
    extremising: float = 1.0,
    draws: int = 1000,
    seed: int = 0,
    until: str | None = None,
) -> Arrival:
    """Simulated and elicited arrival of the genius level, on the same dates.

    views: shipped names, paths of TOML files, or views. law: capped, lognormal, weibull or metalog. pool: linear,
    odds, logarithmic or quantile. weights: one a view, equal if none. extremising: power of pooled odds.
    Dates run from the last day that somebody was asked; on it the level had not come, and every chance is
    conditional on that. Raises InputError for an unknown name, or statements that the law cannot take.
    """
    found = tuple(view if isinstance(view, View) else load_view(view) for view in views)
    check(found, law, pool, weights, extremising)
    fitted = tuple(fit_view(view, law) for view in found)
    result = run(scenario, draws, seed, keep=["genius"], until=until)
    ends = result["year"].values
    now = max(view.asked for view in found)
    if now >= ends[-1]:
        raise InputError(f"scenario {scenario} ends before the views were asked ({now:.2f}): give a later until.")
    years = np.concatenate([[now], ends[ends > now]])
    happened = result["genius"].transpose("draw", "month").values > 0.5
    share, low, high = simulated(first_years(happened, ends), years)
    elicited = np.stack([f.chance_since(now, years) for f in fitted])
    pooled = pooled_chances(fitted, years, pool, weights, extremising)
    return Arrival(result, law, pool, years, share, low, high, fitted, elicited, pooled, contradictions(found))


def check(views: tuple[View, ...], law: str, pool: str, weights: Sequence[float] | None, extremising: float) -> None:
    """Raises InputError for no view, an unknown law or pool, or weights that do not fit the views."""
    if not views:
        raise InputError("views: none given: name at least one, e.g. amodei_two_years.")
    for what, name, known in (("law", law, tuple(LAWS)), ("pool", pool, POOLS)):
        if name not in known:
            raise InputError(f"{what}: no {what} '{name}'.{did_you_mean(name, known)} Known: {', '.join(known)}.")
    if weights is not None and (len(weights) != len(views) or min(weights) <= 0):
        raise InputError(f"weights: {list(weights)} for {len(views)} views: give one above 0 for each view.")
    if not extremising > 0:
        raise InputError(f"extremising: {extremising} is not above 0: 1 changes nothing, 2 squares the odds.")


def simulated(dates: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of draws that have arrived by each date, of those that had not on the first, and its interval. [(n,)]

    dates: (draws,), infinite where never. The interval is Jeffreys', of a share seen in so many draws: Brown, Cai
    & DasGupta (2001), Statistical Science 16(2):101-133.
    """
    later = np.sort(dates[dates > years[0]])
    if not later.size:
        raise InputError(f"the genius level has come in every draw by {years[0]:.2f}: choose a later view.")
    come = np.searchsorted(later, years, side="right")
    tail = 0.5 * (1.0 - BAND)
    low, high = (betaincinv(come + 0.5, later.size - come + 0.5, p) for p in (tail, 1.0 - tail))
    return come / later.size, np.where(come == 0, 0.0, low), np.where(come == later.size, 1.0, high)


def pooled_chances(
    fitted: Sequence[Fitted], years: np.ndarray, pool: str, weights: Sequence[float] | None, extremising: float
) -> np.ndarray:
    """One chance by each date from those of several views, (n,), zero on the first date."""
    now = float(years[0])
    chances = np.stack([f.chance_since(now, years) for f in fitted])
    if pool == "linear":
        return np.asarray(laws.linear_pool(chances, weights))
    if pool == "odds":
        later = laws.odds_pool(chances[:, 1:], weights, extremising)
        return np.concatenate([[0.0], later])
    if pool == "logarithmic":
        masses = np.diff(chances, axis=1, append=1.0)
        return np.concatenate([[0.0], np.cumsum(laws.logarithmic_pool(masses, weights))[:-1]])
    dates = np.asarray(laws.quantile_average(np.stack([f.date_since(now, FINE) for f in fitted]), weights))
    come = np.isfinite(dates)
    return np.interp(years, np.concatenate([[now], dates[come]]), np.concatenate([[0.0], FINE[come]]))


def dates_at(chances: np.ndarray, years: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Dates at which a rising curve first reaches each chance; infinite where it does not."""
    first, last = np.searchsorted(row, chances), len(row) - 1
    found = np.interp(chances, row, years)
    return np.where(first > last, np.inf, found)


def yearly_hazard(years: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle of each year from the first date, and the hazard in it: -ln of the share that is left. [1/year]"""
    ends = np.arange(years[0], years[-1] + 1e-9, 1.0)
    left = np.log(np.maximum(1.0 - np.interp(ends, years, row), 1e-300))
    return ends[:-1] + 0.5, -np.diff(left)
