"""Tables: the numbers of a result by year, its events, and its headline in a sentence."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from gigawatt.core.errors import InputError
from gigawatt.core.facts import fact
from gigawatt.study.events import Event, ends_of_years, events
from gigawatt.study.labs import players
from gigawatt.view.style import NUMBER, is_sure, judgement_text, long_name, month_text, percent, unit_of, unit_text

# Years ahead, dense at first, where the reader can still check.
AHEAD = (0, 1, 2, 4, 6, 9)
BEFORE = (1, 3, 6)  # years by whose end the probability of an event is shown
BY_LAB = ("power", "revenue", "profit", "cash", "alive")
BASES = {"chip_power": "chips (TDP)", "it_power": "IT load", "facility_power": "facilities"}  # of industry power
SAID = ("gw-2026", "gw-2027", "gw-2028", "gw-2029")  # what was said of it in the interviews, by year


def summary(ds: xr.Dataset) -> list[dict[str, Any]]:
    """One row for each signal, lab and calendar year.

    Keys: signal, lab ("" for the industry), label, unit, year, p05, p50, p95, mean: values at the end of that year,
    over draws, in `unit`. For a signal that says yes (1) or no (0), `mean` is the share of yes.
    """
    rows: list[dict[str, Any]] = []
    ends = ends_of_years(ds["year"].values)
    for name, signal in ds.data_vars.items():
        # months outermost in memory, as in a run: the order in which a mean adds up decides its last digit
        by_month = np.ascontiguousarray(signal.transpose("month", "draw", ...).values[list(ends.values())])
        values = np.moveaxis(by_month, 1, 0)
        parts = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
        found = np.concatenate([parts, values.mean(axis=0, keepdims=True)])
        found = found.reshape(4, len(ends), -1)
        labels = labels_of(signal)
        about = {"label": long_name(signal), "unit": signal.attrs.get("units", "")}
        for i, label in enumerate(labels):
            for j, year in enumerate(ends):
                numbers = dict(zip(("p05", "p50", "p95", "mean"), found[:, j, i].tolist(), strict=True))
                rows.append({"signal": str(name), "lab": label, **about, "year": year, **numbers})
    return rows


def labels_of(signal: xr.DataArray) -> list[str]:
    """Labels of a signal's own axis; one empty label for a signal without."""
    axes = [d for d in signal.dims if d not in ("draw", "month")]
    return [str(x) for x in signal[axes[0]].values] if axes else [""]


def chosen_years(ds: xr.Dataset, years: Sequence[int] | None = None) -> list[int]:
    """The calendar years to show: `years`, or a few that lie ever further ahead.

    Raises InputError for a year that does not end within the run.
    """
    ends = list(ends_of_years(ds["year"].values))
    for year in years or ():
        if year not in ends:
            raise InputError(f"year {year} does not end within the run: choose from {ends[0]} to {ends[-1]}.")
    return list(years) if years else sorted({ends[i] for i in AHEAD if i < len(ends)} | set(ends[-1:]))


def cell(signal: xr.DataArray) -> tuple[str, str]:
    """(median, '5–95 %') of the draws of one signal at one date; for yes or no, the share of yes and nothing more."""
    values = signal.values
    if is_sure(signal):
        return percent(float(values.mean())), ""
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    unit = unit_of(signal)
    return unit.write(middle), unit.write_range(low, middle, high)


def text(ds: xr.Dataset, years: Sequence[int] | None = None) -> Group:
    """What a person reads in a terminal of 100 columns: headline, industry by year, labs, events.

    years: calendar years to show, at their end; up to six fit. Raises InputError for a year outside the run.
    """
    shown, found = chosen_years(ds, years), events(ds)
    tables = [by_year(ds, shown), by_lab(ds, shown[len(shown) // 2]), event_table(ds, found), said_table(ds, found)]
    tables.append(player_table(ds))
    foot = (
        f"scenario {ds.attrs['scenario']}, {ds.attrs['draws']} draws, seed {ds.attrs['seed']}; "
        f"{judgement_text(ds)}; money: {ds.attrs['money']}"
    )
    return Group(Text(headline(ds, found) + "\n"), *(t for t in tables if t is not None), Text(foot, style="dim"))


def plain_table(title: str, heads: Sequence[str], width: int) -> Table:
    """A table whose first column has no head, and at least this width."""
    table = Table(
        title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("", min_width=width, max_width=max(width, 40))
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    return table


def two_lines(values: tuple[str, str]) -> Text:
    return Text(values[0]) + (Text("\n" + values[1], style="dim") if values[1] else Text())


def by_year(ds: xr.Dataset, years: Sequence[int]) -> Table:
    """Years across, signals of the industry down."""
    table = plain_table("At the end of the year: median, and 5 % to 95 % beneath", [str(y) for y in years], 26)
    ends = ends_of_years(ds["year"].values)
    for signal in ds.data_vars.values():
        if set(signal.dims) == {"draw", "month"}:
            cells = [two_lines(cell(signal.isel(month=ends[y]))) for y in years]
            table.add_row(Text(long_name(signal)) + Text(row_unit(signal), style="dim"), *cells)
    return table


def row_unit(signal: xr.DataArray) -> str:
    """', GW' to follow the name of a signal; nothing for a pure number."""
    unit = "% of draws" if is_sure(signal) else unit_text(signal)
    return "" if unit == NUMBER else f", {unit}"


def by_lab(ds: xr.Dataset, year: int) -> Table | None:
    """Labs down, their main signals across, at the end of one year."""
    names = [n for n in BY_LAB if n in ds and "lab" in ds[n].dims]
    if not names:
        return None
    step = ends_of_years(ds["year"].values)[year]
    heads = ["solvent" if n == "alive" else n + row_unit(ds[n]) for n in names]
    table = plain_table(f"Labs at the end of {year}", heads, 16)
    for lab in ds["lab"].values:
        table.add_row(Text(str(lab)), *(two_lines(cell(ds[n].sel(lab=lab).isel(month=step))) for n in names))
    return table


def event_table(ds: xr.Dataset, found: Sequence[Event]) -> Table | None:
    """Events with their probability by the end of some years, and their dates."""
    if not found:
        return None
    years = years_before(ds)
    heads = [*(f"by {y}" for y in years), "median", "5–95 %"]
    table = plain_table("Events: share of draws by the end of the year; dates where it happens", heads, 37)
    for event in found:
        table.add_row(Text(event.name), *event_cells(event, years))
    return table


def said_table(ds: xr.Dataset, found: Sequence[Event]) -> Table | None:
    """Industry power beside the figures of the interviews, in each basis since none was named, and the chance of 1 tn.

    What was said may mean the stock or what a year adds (docs/laws/limits.md), so both stand here. found: the events of
    the result.
    """
    ends, said = ends_of_years(ds["year"].values), {int(fact(name).about or 0): fact(name) for name in SAID}
    if not set(BASES) <= set(map(str, ds.data_vars)) or not said.keys() & ends.keys():
        return None
    heads = ["said", *BASES.values(), "IT load added"]
    table = plain_table("Industry power at the end of the year, GW: the interviews, and medians here", heads, 26)
    it = ds["it_power"]
    for year, stated in said.items():
        if year not in ends:
            continue
        span = f"{stated.value:g}" if stated.low is None else f"{stated.low:g}–{stated.high:g}"
        here = [cell(ds[name].isel(month=ends[year]))[0] for name in BASES]
        before = ends.get(year - 1)
        added = None if before is None else it.isel(month=ends[year]) - it.isel(month=before)
        table.add_row(str(year), span, *here, "–" if added is None else cell(added.assign_attrs(it.attrs))[0])
    told = f"Said: facts {SAID[0]} to {SAID[-1]} (`gigawatt explain {SAID[0]}`)."
    chance = next((e.by[2029] for e in found if e.signal == "industry_revenue" and 2029 in e.by), None)
    if chance is not None:
        told += f"\n1 tn USD before 2030 (trillions-before-2030): close to certain; here {percent(chance)}."
    table.caption, table.caption_justify = Text(told), "left"
    return table


def player_table(ds: xr.Dataset) -> Table | None:
    """How many labs are players at the end, and the theta that would bound their number."""
    if not {"revenue", "alive", "share"} <= set(map(str, ds.data_vars)):
        return None
    found = players(ds)
    low, middle, high = found.theta
    heads = [f"{n} lab{'' if n == 1 else 's'}" for n in found.number]
    table = plain_table("Labs that earn a twentieth of revenue at the end", heads, 37)
    table.caption = Text(
        f"theta, log odds of being chosen per e-fold of training: {middle:.2g} ({low:.2g}–{high:.2g}); above 1 (here "
        f"{percent(found.bounded)} of draws) the market holds fewer than theta / (theta - 1) labs, below it any number"
    )
    table.caption_justify = "left"
    table.add_row(Text("share of draws"), *(percent(x) for x in found.number.values()))
    return table


def years_before(ds: xr.Dataset) -> list[int]:
    """Calendar years by whose end the probability of an event is shown; the last one ends the run."""
    ends = list(ends_of_years(ds["year"].values))
    return sorted({ends[i] for i in BEFORE if i < len(ends)} | set(ends[-1:]))


def event_cells(event: Event, years: Sequence[int]) -> list[str]:
    """Probabilities by the end of some years, median date, range of dates."""
    dates = "–" if event.median is None else f"{month_text(event.low)}–{month_text(event.high)}"
    return [*(percent(event.by[y]) for y in years), month_text(event.median), dates]


def headline(ds: xr.Dataset, found: Sequence[Event] | None = None) -> str:
    """The result in a sentence or two: revenue in the middle of the run, and what happens with which probability.

    found: the events of the result, where they are known already.
    """
    ends = ends_of_years(ds["year"].values)
    year = chosen_years(ds)[len(chosen_years(ds)) // 2]
    said = []
    if "industry_revenue" in ds:
        middle, spread = cell(ds["industry_revenue"].isel(month=ends[year]))
        unit = unit_text(ds["industry_revenue"])
        said.append(f"industry revenue at the end of {year} is {middle} {unit} in the median draw ({spread})")
    for event in events(ds) if found is None else found:
        if not event.lab and event.signal in ("genius", "alive"):
            when = f", median {month_text(event.median)}" if event.median is not None else ""
            name = event.name[0].lower() + event.name[1:]
            said.append(f"{name} in {percent(event.probability)} of draws{when}")
    return f"{ds.attrs['title']}. " + ("; ".join(said)[:1].upper() + "; ".join(said)[1:] + "." if said else "")
