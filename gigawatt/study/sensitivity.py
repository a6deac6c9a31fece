"""Sensitivity: which numbers a signal hangs on, as a ranking over time and as a tornado.

The ranking (indices.py) needs no further run. The tornado runs the foremost numbers, each at its 5th and at its 95th
percentile in every draw, all others and all luck as drawn. So a bar is what the number does across the uncertainty of
the others, and starts from the median that a run shows; with the others at their values it would start elsewhere, for
the laws are not linear.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from gigawatt.core.entry import Entry
from gigawatt.core.run import run, run_arrays, samples_of, uncertain
from gigawatt.core.scenario import Scenario, load
from gigawatt.study.catalogue import Catalogue
from gigawatt.study.indices import Indices, indices
from gigawatt.study.target import Target, kept_for, middle, target

MOST = 15  # bars of a tornado
DRAWS = 256  # draws behind a bar, one chunk: what is paired needs fewer


@dataclass(frozen=True)
class Bar:
    """One number at its ends. low, high: 5th and 95th percentile in `unit`; at_low, at_high: the target then.

    first: its first-order index. A number with correlated partners is moved alone; they keep their draws.
    """

    path: str
    label: str
    unit: str
    low: float
    high: float
    at_low: float
    at_high: float
    first: float

    @property
    def swing(self) -> float:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Why:
    """Which numbers a target hangs on. base: its median in the draws behind the bars (share of yes for yes or no).

    draws, seed: of the run behind the indices. tornado: widest bar first. labels: what each number of `indices` means.
    """

    scenario: str
    target: Target
    draws: int
    seed: int
    base: float
    tornado: tuple[Bar, ...]
    indices: Indices
    labels: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, as `gigawatt why --json` prints them."""
        found, barred = self.indices, {bar.path for bar in self.tornado}
        rows = [
            {"path": p, "label": self.labels[p], "first": list(by_year), "now": found.now[p]}
            for p, by_year in found.first.items()
            if p in {*found.shown, *barred}
        ]
        plain = {"scenario": self.scenario, "draws": self.draws, "seed": self.seed, "base": self.base}
        over_time = {"years": list(found.years), "rows": rows, "floor": found.floor, "rest": list(found.rest)}
        return {**self.target.to_dict(), **plain, "tornado": [vars(bar) for bar in self.tornado], "indices": over_time}


def why(
    scenario: str | Scenario | xr.Dataset = "base",
    signal: str = "industry_revenue",
    label: str | None = None,
    at: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    most: int = MOST,
    progress: Callable[[int, int], None] | None = None,
) -> Why:
    """Which numbers a signal hangs on at the end of a month.

    scenario: a name, a Scenario, or a result that holds the signal, whose draws and seed then count. label: a lab or
    another label of the signal's axis. at: YYYY-MM, the last month if None. most: bars. progress: (bars done, in all).
    Raises InputError for what `target` and `indices` refuse.
    """
    result = scenario if isinstance(scenario, xr.Dataset) else None
    found = Scenario.of(result.attrs["recipe"], "result") if result is not None else load(scenario)  # type: ignore[arg-type]
    about = target(found, signal, label, at)
    keep = kept_for(found.world(), signal)
    ds = run(found, draws, seed, keep=keep) if result is None else result
    ranked, labels = indices(ds, about), meanings(found)
    base, bars = tornado(ds, about, ranked.foremost(most), keep, progress)
    told = [Bar(e.path, labels[e.path], e.unit, *ends, *values, ranked.now[e.path]) for e, ends, values in bars]
    told.sort(key=lambda bar: -bar.swing)
    return Why(found.name, about, int(ds.attrs["draws"]), int(ds.attrs["seed"]), base, tuple(told), ranked, labels)


Ends = tuple[float, float]


def tornado(
    ds: xr.Dataset,
    about: Target,
    paths: Sequence[str],
    keep: tuple[str, ...],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[float, list[tuple[Entry, Ends, Ends]]]:
    """The target's median as drawn; and by entry its 5th and 95th percentile, and the median with every draw there.

    Of the first DRAWS draws of the run. One column of their samples is replaced, so that no bar compiles anything.
    """
    scenario, seed = Scenario.of(ds.attrs["recipe"], "result"), int(ds.attrs["seed"])
    world, n = scenario.world(), min(DRAWS, ds.sizes["draw"])
    samples, groups = samples_of(scenario, world, n, seed), uncertain(scenario, world)
    twice, luck = {p: np.concatenate([x, x]) for p, x in samples.items()}, np.tile(np.arange(n), 2)
    entries = {e.path: e for group in groups.values() for e in group}
    bars = []
    for done, path in enumerate(paths, start=1):
        low, high = entries[path].quantile(np.array([0.05, 0.95])).tolist()
        moved = replaced(twice, groups, path, np.repeat([low, high], n))
        values = about.values(run_arrays(scenario, world, 2 * n, seed, keep, samples=moved, luck=luck))
        bars.append((entries[path], (low, high), (middle(values[:n]), middle(values[n:]))))
        if progress:
            progress(done, len(paths))
    as_drawn = about.values({about.signal: ds[about.signal].transpose("draw", "month", ...).values[:n]})
    return middle(as_drawn), bars


def replaced(
    samples: Mapping[str, np.ndarray], groups: Mapping[str, Sequence[Entry]], path: str, values: np.ndarray
) -> dict[str, np.ndarray]:
    """Samples with one entry at `values` (rows,), under every number and label that it stands for."""
    found = dict(samples)
    for number, group in groups.items():
        places = [i for i, e in enumerate(group) if e.path == path]
        if places:
            rows = samples[number].reshape(len(values), -1).copy()
            rows[:, places] = values[:, None]
            found[number] = rows.reshape(samples[number].shape)
    return found


def meanings(scenario: Scenario) -> dict[str, str]:
    """What each entry means: 'Revenue run rate, OpenAI'."""
    found = Catalogue(scenario)
    return {
        e.path: found.meaning[path] + (f", {e.path.removeprefix(path + '.')}" if e.path != path else "")
        for path in found.world.numbers()
        for e in found.entries(path)
    }
