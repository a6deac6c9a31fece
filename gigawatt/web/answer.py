"""Answers: what a run says, numbers at the precision of the run: a first look in 32 bits has half the digits."""

from collections.abc import Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
import xarray as xr

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.path import year_of
from gigawatt.core.result import by_draw, version
from gigawatt.core.run import kept
from gigawatt.core.world import World
from gigawatt.study.events import WATCHED, events
from gigawatt.view.buildout import BINDS
from gigawatt.view.tables import headline

LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
BINS = 40


def keep_for(world: World, signals: Sequence[str]) -> Literal["headlines", "all"]:
    """What a run must keep to tell of these signals.

    Two sets only: each is compiled anew, and the last digit of a number depends on what was compiled. With the same
    `keep`, Python and the command line give the same digits. Raises InputError for a signal that is not there.
    """
    for name in signals:
        if name not in world.signals:
            raise InputError(f"no signal '{name[:60]}'.{did_you_mean(name, world.signals)} /api/model lists them.")
    return "headlines" if set(signals) <= set(kept(world, None)) else "all"


def answer(
    ds: xr.Dataset, signals: Sequence[str], at: str | None, judged: set[str], keep: str, growth: bool = False
) -> dict[str, Any]:
    """What the page shows of a run: quantiles by month, events, a headline, what binds orders.

    at: month whose distribution is wanted too. judged: signals that rest on judgement. keep: what the run kept.
    growth: of the growth of the signals over twelve months, draw by draw, in their place.
    """
    step = None if at is None else step_of(ds, at)
    found = events(ds)
    binds = [name for name in BINDS if name in ds]
    return {
        "version": version(),
        "draws": int(ds.attrs["draws"]),
        "seed": int(ds.attrs["seed"]),
        "keep": keep,
        "growth": growth,
        "title": ds.attrs["title"],
        "months": [str(x)[:7] for x in ds["month"].values.astype("datetime64[M]")],
        "years": ds["year"].values,
        "signals": {name: signal_answer(ds[name], step, name in judged, growth) for name in signals},
        "events": [event_answer(event) for event in found],
        "headline": headline(ds, found),
        "binding": {
            "names": [BINDS[name] for name in binds],
            "signals": binds,
            "share": [by_draw(ds.variables[name]).mean(axis=0) for name in binds],
        }
        if binds
        else None,
    }


def signal_answer(signal: xr.DataArray, step: int | None, judged: bool, growth: bool = False) -> dict[str, Any]:
    """One signal: quantiles and mean by month for each label, and with them the histogram of one month."""
    values = growth_of(by_draw(signal)) if growth else by_draw(signal)
    mean = values.mean(axis=0)  # of all labels at once: the order in which it adds up decides the last digit
    by_label = np.ascontiguousarray(np.moveaxis(mean, 0, -1))  # JSON takes whole rows
    axes = [axis for axis in signal.dims if axis not in ("draw", "month")]
    labels = product(*([str(x) for x in signal[axis].values] for axis in axes))
    series: list[dict[str, Any]] = []
    for names, where in zip(labels, np.ndindex(*values.shape[2:]), strict=True):
        mine = values[(slice(None), slice(None), *where)]
        row = {"label": ", ".join(names), **quantiles(mine), "mean": by_label[where]}
        series.append(row if step is None else row | {"histogram": histogram(mine[:, step])})
    about = {"label": signal.attrs.get("long_name", signal.name), "unit": signal.attrs.get("units", "")}
    about |= {"unit": "1/year"} if growth else {}
    return about | {"judgement": judged, "series": series}


def growth_of(values: np.ndarray) -> np.ndarray:
    """Growth over twelve months of values (draw, month, ...) [1/year]: 0.5 for half as much again.

    NaN in the first year, and in months for which any draw is or was not positive: growth from nothing has no number.
    """
    found = np.full(values.shape, np.nan)
    before, after = values[:, :-12], values[:, 12:]
    with np.errstate(divide="ignore", invalid="ignore"):
        found[:, 12:] = np.where((np.minimum(before, after) > 0.0).all(axis=0), after / before - 1.0, np.nan)
    return found


def quantiles(values: np.ndarray) -> dict[str, np.ndarray]:
    """Quantiles over draws of values (draw, month), the same digits as np.quantile.

    Sorted once, by NumPy: XLA takes a hundred times as long to sort on a processor (docs/explanation/web.md).
    """
    ranked = np.sort(np.ascontiguousarray(values.T), axis=-1)
    return {name: quantile(ranked, level) for name, level in LEVELS.items()}


def quantile(ranked: np.ndarray, level: float) -> np.ndarray:
    """The quantile along the last axis of sorted values, with the interpolation of np.quantile to the last bit."""
    at = (ranked.shape[-1] - 1) * level
    low = int(np.floor(at))
    high = min(low + 1, ranked.shape[-1] - 1)
    part, a, b = at - low, ranked[..., low], ranked[..., high]
    return a + (b - a) * part if part < 0.5 else b - (b - a) * (1.0 - part)


def histogram(values: np.ndarray) -> dict[str, Any]:
    """Edges and counts of the draws of one month, over the whole range; by factors where they span three decades."""
    low, high = float(values.min()), float(values.max())
    if np.isnan(low):
        return {"edges": [], "counts": []}
    if low > 0.0 and high / low > 1e3:
        edges = np.geomspace(low, high, BINS + 1)
    elif high > low:
        edges = np.linspace(low, high, BINS + 1)
    else:
        edges = np.array([low, high])
        return {"edges": edges, "counts": [int(values.size)]}
    edges[0], edges[-1] = low, high
    counts, _ = np.histogram(values, edges)
    return {"edges": edges, "counts": counts}


def step_of(ds: xr.Dataset, at: str) -> int:
    """Index of a month. Raises InputError for one outside the run."""
    end = year_of(at, "at") + 1.0 / 12.0
    years = ds["year"].values
    step = int(np.abs(years - end).argmin())
    if abs(years[step] - end) > 0.01:
        first, last = (str(x)[:7] for x in ds["month"].values[[0, -1]])
        raise InputError(f"at {at}: give a month from {first} to {last}.")
    return step


def event_answer(event: Any) -> dict[str, Any]:
    return {
        "name": event.name,
        "signal": event.signal,
        "lab": event.lab,
        "probability": event.probability,
        "by": {str(year): p for year, p in event.by.items()},
        "median": event.median,
        "low": event.low,
        "high": event.high,
    }


def milestones() -> list[dict[str, str]]:
    """The events that are watched, as the page names them before a run."""
    return [{"name": watch.name, "signal": watch.signal} for watch in WATCHED]
