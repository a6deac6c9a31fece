"""What moved between two results, as a table for a terminal; the numbers come from `study.compare`."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from rich.console import Group
from rich.text import Text

from gigawatt.core.errors import InputError
from gigawatt.study.compare import Difference
from gigawatt.view.style import long_name, percent, unit_of
from gigawatt.view.tables import plain_table


def text(moved: xr.Dataset, year: int | None = None) -> Group:
    """Differences of the scenarios, then one row for each signal and lab at the end of `year`, the last if None.

    Raises InputError for a year that the comparison does not hold.
    """
    year = shown_year(moved["year"].values.tolist(), year)
    a, b = moved.attrs["a"], moved.attrs["b"]
    title = f"End of {year}: medians, and {b} against {a} draw by draw (median, 5 % to 95 %)"
    table = plain_table(title, [a, b, f"{b} / {a}", "5–95 %"], 26)
    for signal in moved.data_vars.values():
        for label, one in by_label(signal.sel(year=year)):
            if label and "lab" not in signal.dims and still(one):
                continue  # of regions, stages and groups, those that moved
            whose = f" of {label}" if label else ""
            unit = "" if signal.attrs["sure"] else unit_of(signal).text
            name = Text(f"{long_name(signal)}{whose}") + Text(f", {unit}" if unit else "", style="dim")
            table.add_row(name, *cells(one))
    return Group(*(Text(line) for line in through(moved)), "", table)


def shown_year(years: Sequence[int], year: int | None) -> int:
    """The year asked for, or else the last; raises InputError for one that is not there."""
    if year is not None and year not in years:
        raise InputError(f"compare: no year {year}: choose one from {years[0]} to {years[-1]}.")
    return years[-1] if year is None else year


def by_label(signal: xr.DataArray) -> list[tuple[str, xr.DataArray]]:
    """(label, part) along a signal's own axis; one empty label for a signal of the industry."""
    axis = next((d for d in signal.dims if d not in ("what", "statistic", "year")), None)
    return [("", signal)] if axis is None else [(str(x), signal.sel({axis: x})) for x in signal[axis].values]


def still(one: xr.DataArray) -> bool:
    """Whether nothing moved in any draw that the statistics tell of."""
    return bool((one.sel(what="difference") == 0.0).all())


def rows(moved: xr.Dataset) -> list[dict[str, Any]]:
    """One row for each signal, lab and year: what stands in a and b, their paired difference and ratio.

    Keys: signal, lab ("" for the industry), unit, year, and a, b, difference, ratio with p05, p50, p95, mean each.
    """
    found = []
    for name, signal in moved.data_vars.items():
        for label, one in by_label(signal):
            for year in signal["year"].values:
                at = one.sel(year=year).transpose("what", "statistic")
                numbers = {
                    str(what): dict(zip(at["statistic"].values, values, strict=True))
                    for what, values in zip(at["what"].values, at.values, strict=True)
                }
                about = {"signal": name, "lab": label, "unit": signal.attrs.get("units", ""), "year": year}
                found.append(about | numbers)
    return found


def through(moved: xr.Dataset) -> list[str]:
    """The differences of the two scenarios, one a line."""
    found = [Difference(**d) for d in json.loads(moved.attrs["through"])]
    head = f"{moved.attrs['b']} differs from {moved.attrs['a']} in"
    return [f"{head}:", *(f"  {d}" for d in found)] if found else [f"{head} nothing."]


def cells(one: xr.DataArray) -> list[str]:
    """Both medians, and the paired ratio; where a ratio means nothing, the paired difference with its sign."""

    def at(what: str, statistic: str) -> float:
        return float(one.sel(what=what, statistic=statistic))

    if one.attrs["sure"]:
        return [percent(at("a", "mean")), percent(at("b", "mean")), "", ""]
    unit = unit_of(one)
    both = [unit.write(at(x, "p50")) for x in ("a", "b")]
    if np.isfinite(at("ratio", "p50")):
        return [*both, f"× {at('ratio', 'p50'):.3g}", f"{at('ratio', 'p05'):.2g}–{at('ratio', 'p95'):.2g}"]
    low, middle, high = (at("difference", p) for p in ("p05", "p50", "p95"))
    return [*both, ("+" if middle > 0 else "") + unit.write(middle), f"{unit.write(low)} to {unit.write(high)}"]
