"""Compare: what moved between two results, draw by draw, and which differences of the scenarios it came through.

Draw i has the same random numbers in every scenario with the same seed, so a difference or ratio within a draw is
an effect of the scenario and not of luck (common random numbers).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr

from gigawatt.core.entry import Entry
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import Mechanism, gives, laws, path_of, wires
from gigawatt.core.run import kept, run
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.scenario_file import find_mechanism
from gigawatt.study.events import ends_of_years

Result = xr.Dataset | Scenario | str
WHAT = ("a", "b", "difference", "ratio")
STATISTICS = ("p05", "p50", "p95", "mean")


@dataclass(frozen=True)
class Difference:
    """One thing in which two scenarios differ. kind: number, lever, hold, mechanism, axis or time; a, b: as text."""

    kind: str
    name: str
    a: str
    b: str

    def __str__(self) -> str:
        return f"{self.name} {self.a or 'none'} -> {self.b or 'none'}"


def compare(a: Result, b: Result, signal: str | Sequence[str] | None = None) -> xr.Dataset:
    """What moved from `a` to `b`, at the end of each year, over the draws that both have.

    a, b: results, or names of scenarios, which are then run (with the draws and seed of the other, if that is a
    result). signal: one name or several; all that both hold if None.

    Returns a Dataset with each signal as (what, statistic, year, ...): `what` is a, b, the paired difference b - a,
    or the paired ratio b / a (NaN where a draw of `a` is not above zero); `statistic` is p05, p50, p95 or mean over
    draws. Ratios have no unit, the others that of the signal. `attrs["through"]` lists the differences of the two
    scenarios as JSON.

    Raises InputError where the seeds differ, no year is common, or a signal is missing.
    """
    a, b = both(a, b, [signal] if isinstance(signal, str) else signal)
    if a.attrs["seed"] != b.attrs["seed"]:
        raise InputError(
            f"compare: seed {a.attrs['seed']} against {b.attrs['seed']}: their draws are no pairs; "
            "run both with the same --seed."
        )
    names = chosen(a, b, [signal] if isinstance(signal, str) else signal)
    a, b = at_year_ends(a[names]), at_year_ends(b[names])
    a, b = xr.align(a, b, join="inner")
    if not a.sizes["year"]:
        raise InputError("compare: the two results have no full calendar year in common.")
    out = xr.Dataset({n: moved(a[n], b[n]) for n in names})
    through = differences(a.attrs["recipe"], b.attrs["recipe"])
    return out.assign_attrs(
        a=a.attrs["scenario"],
        b=b.attrs["scenario"],
        draws=a.sizes["draw"],
        seed=a.attrs["seed"],
        through=json.dumps([asdict(d) for d in through]),
    )


def both(a: Result, b: Result, signals: Sequence[str] | None) -> tuple[xr.Dataset, xr.Dataset]:
    """The two results, with scenarios run like the other."""
    like = next((x for x in (a, b) if isinstance(x, xr.Dataset)), None)
    options: dict[str, Any] = {"keep": signals}
    if like is None and signals is None:
        a, b = (x if isinstance(x, Scenario) else load(str(x)) for x in (a, b))
        options["keep"] = list(dict.fromkeys([*kept(a.world(), None), *telling(a, b)]))
    elif like is not None:
        options = {"draws": like.sizes["draw"], "seed": int(like.attrs["seed"]), "keep": signals or list(like)}
    a, b = (x if isinstance(x, xr.Dataset) else run(x, **options) for x in (a, b))
    return a, b


def chosen(a: xr.Dataset, b: xr.Dataset, wanted: Sequence[str] | None) -> list[str]:
    common = [n for n in a.data_vars if n in b.data_vars]
    for name in wanted or ():
        if name not in common:
            raise InputError(f"compare: no signal '{name}' in both results.{did_you_mean(name, map(str, common))}")
    return [str(n) for n in (wanted or common)]


def telling(a: Scenario, b: Scenario) -> list[str]:
    """Signals that tell two scenarios apart, of the world as a whole and by region, stage or group, not by lab.

    Those of the industry, and what the laws in which the scenarios differ give. Where these laws only report, so that
    nothing of the industry can move: what they give, and all that follows from it.
    """
    worlds = a.world(), b.world()
    main = [n for n in kept(worlds[1], None) if n in worlds[0].signals]
    found = differences(a.recipe(), b.recipe())
    owners = {d.name.partition(".")[0] for d in found if d.kind in ("number", "lever")}
    classes = {
        name.strip() for d in found if d.kind == "mechanism" for name in f"{d.a},{d.b}".split(",") if name.strip()
    }
    held = {d.name.partition(".")[0] for d in found if d.kind == "hold"}
    touched = {
        type(m)
        for m in (*worlds[0].mechanisms, *worlds[1].mechanisms)
        if owners & {path_of(type(x)) for x in laws(m)} or held & set(gives(type(m)))
    } | {find_mechanism(name) for name in classes}
    follows = readers(touched, worlds[1].mechanisms)
    at_start = any(d.kind in ("time", "axis") for d in found) or "start" in owners
    reports = bool(touched) and not at_start and not any(set(main) & set(gives(c)) for c in follows)
    shown = {n for c in (follows if reports else touched) for n in gives(c)}
    names = [n for n in worlds[1].signals if n in shown and n in worlds[0].signals]
    return [n for n in (names if reports else dict.fromkeys([*main, *names])) if "lab" not in worlds[1].signals[n].axes]


def readers(touched: set[type[Mechanism]], mechanisms: Sequence[Mechanism]) -> set[type[Mechanism]]:
    """Laws, and all that read what they give, in this month or the next."""
    found, before = set(touched), 0
    while len(found) > before:
        before = len(found)
        known = {n for c in found for n in gives(c)}
        found |= {type(m) for m in mechanisms if known & {n.removeprefix("prev_") for n in wires(type(m))}}
    return found


def at_year_ends(ds: xr.Dataset) -> xr.Dataset:
    """The values at the end of each calendar year, along a dimension `year` of whole numbers."""
    ends = ends_of_years(ds["year"].values)
    return (
        ds.isel(month=list(ends.values()))
        .drop_vars(["month", "year"], errors="ignore")
        .rename(month="year")
        .assign_coords(year=list(ends))
    )


def moved(a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    """(what, statistic, year, ...) of one signal from its paired draws."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = xr.where(a > 0, b / a, np.nan)
    parts = [statistics(x) for x in (a, b, b - a, ratio)]
    out = xr.concat(parts, xr.Variable("what", list(WHAT)))
    return out.assign_attrs(a.attrs, sure=int(bool(np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all())))


def statistics(x: xr.DataArray) -> xr.DataArray:
    """(statistic, ...) over draws. A quantile is NaN if any draw is, so no draw drops out unseen."""
    values = x.transpose("draw", ...).values
    rows = np.concatenate([np.quantile(values, [0.05, 0.5, 0.95], axis=0), values.mean(axis=0, keepdims=True)])
    rest = [d for d in x.dims if d != "draw"]
    coords = {d: x[d] for d in rest if d in x.coords}
    return xr.DataArray(rows, {"statistic": list(STATISTICS)} | coords, ("statistic", *rest))


def differences(recipe_a: str, recipe_b: str) -> list[Difference]:
    """Everything in which two recipes differ: time, axes, mechanisms, numbers, levers, holds."""
    a, b = Scenario.of(recipe_a, "recipe a"), Scenario.of(recipe_b, "recipe b")
    times = [(key, str(getattr(a, key)), str(getattr(b, key))) for key in ("begin", "end", "steps_per_year")]
    axes = [(n, ", ".join(a.axes.get(n, ())), ", ".join(b.axes.get(n, ()))) for n in sorted({*a.axes, *b.axes})]
    numbers = [(p, number(a.table, p), number(b.table, p)) for p in sorted({*a.set, *b.set})]
    return [
        Difference(kind, *row)
        for kind, rows in (
            ("time", times),
            ("axis", axes),
            ("mechanism", mechanisms(a.use, b.use)),
            ("number", numbers),
            ("lever", paths(a.lever, b.lever)),
            ("hold", paths(a.hold, b.hold)),
        )
        for row in rows
        if row[1] != row[2]
    ]


def mechanisms(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, str, str]]:
    """(signal in question, class in a, class in b): those that give the same signals stand in one row."""
    gone, new = [n for n in a if n not in b], [n for n in b if n not in a]
    given = {name: set(gives(find_mechanism(name))) for name in (*gone, *new)}
    rows = []
    for name in new:
        replaced = [n for n in gone if given[n] & given[name]]
        gone = [n for n in gone if n not in replaced]
        rows.append((f"law of {sorted(given[name])[0]}", ", ".join(replaced), name))
    return rows + [(f"law of {sorted(given[n])[0]}", n, "") for n in gone]


def number(table: Mapping[str, Entry], path: str) -> str:
    """The value of a number as text, with its range; 'by label' where the scenario gives one for each label."""
    entry = table.get(path) or table.get(path.rpartition(".")[0])
    if entry is None:
        return "by label" if any(p.startswith(path + ".") for p in table) else ""
    unit = "" if entry.unit == "1" else f" {entry.unit}"
    return f"{entry.value:.6g}{unit}" + (f" ({entry.low:.3g} to {entry.high:.3g})" if entry.uncertain else "")


def paths(a: Mapping[str, Mapping[str, float]], b: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str, str]]:
    def text(table: Mapping[str, float]) -> str:
        return ", ".join(f"{date}: {value:.6g}" for date, value in sorted(table.items()))

    return [(p, text(a.get(p, {})), text(b.get(p, {}))) for p in sorted({*a, *b})]


def sentences(compared: xr.Dataset, year: int | None = None, why: bool = True) -> list[str]:
    """One sentence for each signal (and label of its axis): how far it moved by the end of `year`, or the last.

    'Industry revenue run rate at the end of 2030 is 0.42 times that of base (0.20 to 0.80), through segments.speed
    1 -> 0.2.' why: end with what it came through. Raises InputError for a year that the comparison does not hold.
    """
    years = compared["year"].values.tolist()
    year = years[-1] if year is None else year
    if year not in years:
        raise InputError(f"compare: no year {year}: choose one from {years[0]} to {years[-1]}.")
    through = reasons(compared) if why else ""
    found = []
    for name, signal in compared.data_vars.items():
        axis = next((str(d) for d in signal.dims if d not in ("what", "statistic", "year")), "")
        for label in [str(x) for x in signal[axis].values] if axis else [""]:
            one = (signal.sel({axis: label}) if label else signal).sel(year=year)
            whose = f" of {label}" if label else ""
            long_name = signal.attrs.get("long_name", name)
            found.append(f"{long_name}{whose} at the end of {year} {how_far(one, compared.attrs['a'])}{through}.")
    return found


def how_far(one: xr.DataArray, base: str) -> str:
    """The verb of the sentence: a change of probability, a ratio, or where that has no meaning a difference."""

    def at(what: str, statistic: str) -> float:
        return float(one.sel(what=what, statistic=statistic))

    if one.attrs["sure"]:
        return f"is 1 in {at('b', 'mean'):.0%} of draws, against {at('a', 'mean'):.0%} in {base}"
    kind = "ratio" if np.isfinite(at("ratio", "p50")) else "difference"
    low, mid, high = (at(kind, s) for s in STATISTICS[:3])
    if low == mid == high == (1 if kind == "ratio" else 0):
        return f"is that of {base} in every draw"
    if kind == "ratio":
        times = [f"{x:.2f}" if 0.1 <= x < 10 else f"{x:.2g}" for x in (low, mid, high)]
        return f"is {times[1]} times that of {base} ({times[0]} to {times[2]})"
    unit = one.attrs.get("units", "")
    return f"differs from {base} by {mid:+.3g} {unit} ({low:+.3g} to {high:+.3g})"


def reasons(compared: xr.Dataset, most: int = 3) -> str:
    found = [Difference(**d) for d in json.loads(compared.attrs["through"])]
    if not found:
        return ", though the scenarios are the same"
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", through " + "; ".join(str(d) for d in found[:most]) + more
