"""Pictures: fan charts of a signal, market shares as a ribbon, and one overview page.

A fan shows the draws at each month: the line is the median, the dark band half of the draws, the light band nine
in ten. Quantiles are taken month by month, so no single draw follows a line. Circles are observations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.study import observed
from gigawatt.study.events import ends_of_years, events
from gigawatt.view.draw import (
    YEARS,
    begin_of,
    draw_points,
    draw_signals,
    end_labels,
    end_text,
    footnote,
    heading,
    heading_inches,
    milestones,
    percent_scale,
    set_scale,
    set_years,
)
from gigawatt.view.style import COLOURS, FAINT, PAPER, long_name, percent, results_of, styled, unit_of, unit_text

Results = xr.Dataset | Mapping[str, xr.Dataset]


@styled()
def plot(ds: Results, signal: str, by: str | None = None, draws: int = 0) -> Figure:
    """Fan chart of one signal. A signal with labels (by lab) gets one panel for each.

    ds: a result, or {name: result} to compare up to four. by: the axis to split by; the signal's own if None.
    draws: so many single draws are drawn as thin lines too.
    Raises InputError for a signal or an axis that is not there.
    """
    results = results_of(ds)
    for result in results.values():
        check(result, signal, by)
    first = next(iter(results.values()))
    axis = next((str(d) for d in first[signal].dims if d not in ("draw", "month")), None)
    return panels(results, signal, axis, draws) if axis else single(results, signal, draws)


def check(ds: xr.Dataset, signal: str, by: str | None = None) -> None:
    """Raise InputError where a signal or its axis is missing."""
    if signal not in ds:
        raise InputError(
            f"plot: the result holds no signal '{signal}'.{did_you_mean(signal, map(str, ds.data_vars))} "
            "A run keeps others only with keep='all'."
        )
    if by is not None and by not in ds[signal].dims:
        own = [str(d) for d in ds[signal].dims if d not in ("draw", "month")]
        raise InputError(f"plot: '{signal}' has no axis '{by}': leave out by, or use {' or '.join(own) or 'none'}.")


def single(results: dict[str, xr.Dataset], signal: str, draws: int) -> Figure:
    """One large panel, with what happens when in a strip beneath it."""
    signals = {name: ds[signal] for name, ds in results.items()}
    first = next(iter(signals.values()))
    head, chart, gap, strip, foot = heading_inches(results), 3.6, 0.12, 0.2 + 0.45 * len(results), 0.9
    height = head + chart + gap + strip + foot
    figure = Figure(figsize=(8.6, height))
    ax = figure.add_axes((0.1, (foot + strip + gap) / height, 0.69, chart / height))
    below = figure.add_axes((0.1, foot / height, 0.69, strip / height), sharex=ax)
    lab = str(first["lab"].values) if "lab" in first.coords else ""
    begin = begin_of([first], signal)
    points = observed.points(signal, lab, since=begin)
    set_scale(ax, list(signals.values()), points)
    draw_signals(ax, signals, draws)
    caveats = draw_points(ax, points)
    rows = []
    for colour, (name, one) in zip(COLOURS, signals.items(), strict=False):
        value, text = end_text(one, spread=True)
        rows.append((value, f"{name}\n{text}" if len(results) > 1 else text, colour))
    end_labels(ax, rows)
    ax.tick_params(labelbottom=False, length=0)
    milestones(below, results)
    set_years(below, begin, max(float(s["year"].values[-1]) for s in signals.values()))
    below.set_xlabel(YEARS)
    heading(figure, long_name(first) + (f", {lab}" if lab else ""), results)
    footnote(figure, results, caveats)
    return figure


def panels(results: dict[str, xr.Dataset], signal: str, axis: str, draws: int) -> Figure:
    """One small panel for each label, all with the same axes."""
    first = next(iter(results.values()))
    labels = [str(x) for x in first[axis].values]
    columns = min(3, len(labels))
    rows = -(-len(labels) // columns)
    head, foot = heading_inches(results) + 0.35, 0.9
    height = head + 2.1 * rows + foot
    figure = Figure(figsize=(9.3, height))
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    figure.subplots_adjust(0.095, foot / height, 0.985, 1 - head / height, wspace=0.07, hspace=0.24)
    whole = [ds[signal] for ds in results.values()]
    begin = begin_of(whole, signal)
    points = {label: observed.points(signal, label, begin) for label in labels} if axis == "lab" else {}
    set_scale(grid[0, 0], whole, *points.values())
    caveats: list[str] = []
    for ax, label in zip(grid.flat, labels, strict=False):
        draw_signals(ax, {n: ds[signal].sel({axis: label}) for n, ds in results.items() if label in ds[axis]}, draws)
        caveats += draw_points(ax, points.get(label))
        ax.set_title(label)
    for ax in list(grid.flat)[len(labels) :]:
        ax.remove()
    set_years(grid[0, 0], begin, max(float(s["year"].values[-1]) for s in whole), open_end=True)
    for ax in grid[1:, 0]:
        ax.set_ylabel(grid[0, 0].get_ylabel())
    grid[-1, 0].set_xlabel(YEARS, loc="left")
    heading(figure, f"{long_name(first[signal])}, by {axis}", results)
    footnote(figure, results, caveats)
    return figure


@styled()
def ribbon(ds: xr.Dataset, signal: str = "revenue", by: str = "lab") -> Figure:
    """Shares of a signal by lab over time: medians stacked and scaled to add up to one.

    Raises InputError for a signal or an axis that is not there.
    """
    check(ds, signal, by)
    parts = np.median(ds[signal].transpose("draw", "month", by).values, axis=0)
    whole = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0)
    results = {str(ds.attrs["scenario"]): ds}
    figure = Figure(figsize=(8.6, 4.9))
    ax = figure.add_axes((0.08, 0.15, 0.72, 0.66))
    years, tops = ds["year"].values, np.cumsum(shares, axis=1)
    rows = []
    for i, label in enumerate(ds[by].values):
        colour = COLOURS[i % len(COLOURS)]
        ax.fill_between(years, tops[:, i] - shares[:, i], tops[:, i], color=colour, alpha=0.75, lw=0.6, ec=PAPER)
        rows.append((tops[-1, i] - shares[-1, i] / 2, f"{label} {percent(shares[-1, i])}", colour))
    percent_scale(ax, 0.0, 1.0, f"% of the sum over {by}s")
    set_years(ax, begin_of([ds[signal]]), float(years[-1]))
    ax.set_xlabel(YEARS)
    ax.grid(False)
    end_labels(ax, rows)
    heading(figure, f"{long_name(ds[signal])}: shares by {by}", results, "medians of the draws, scaled to 100 %")
    footnote(figure, results)
    return figure


Drawer = Callable[[Axes, dict[str, xr.Dataset]], list[str]]


@dataclass(frozen=True)
class Panel:
    """One panel of the overview: what it needs, and what draws it. A drawer returns caveats of observed points."""

    title: str
    needs: tuple[str, ...]
    draw: Drawer


def lines(main: str, others: Sequence[str] = (), words: Sequence[str] = (), measured: str = "") -> Drawer:
    """A panel with the fan of one signal and the medians of others, dashed and dotted; `words` say which is which.

    measured: the signal whose observations are shown.
    """

    def draw(ax: Axes, results: dict[str, xr.Dataset]) -> list[str]:
        signals = {name: ds[main] for name, ds in results.items()}
        begin = begin_of(list(signals.values()), measured)
        points = observed.points(measured, since=begin)
        set_scale(ax, [ds[n] for ds in results.values() for n in (main, *others)], points)
        draw_signals(ax, signals)
        for style, name in zip(("--", ":"), others, strict=False):
            for colour, ds in zip(COLOURS, results.values(), strict=False):
                ax.plot(ds["year"].values, np.median(ds[name].values, axis=0), style, color=colour, lw=1.3)
        finish(ax, signals, begin)
        if words:
            ax.text(0.03, 0.97, "\n".join(words), transform=ax.transAxes, va="top", fontsize=7.5, color=FAINT)
        return draw_points(ax, points)

    return draw


def total(name: str) -> Drawer:
    """A panel with the sum of a signal over labs, draw by draw."""

    def draw(ax: Axes, results: dict[str, xr.Dataset]) -> list[str]:
        signals = {k: ds[name].sum("lab").assign_attrs(ds[name].attrs) for k, ds in results.items()}
        set_scale(ax, list(signals.values()))
        draw_signals(ax, signals)
        finish(ax, signals, begin_of(list(signals.values())))
        return []

    return draw


def finish(ax: Axes, signals: dict[str, xr.DataArray], begin: float) -> None:
    """Years, and the last median of each line at its end."""
    set_years(ax, begin, max(float(s["year"].values[-1]) for s in signals.values()))
    ends = [(*end_text(s, spread=False), c) for c, s in zip(COLOURS, signals.values(), strict=False)]
    end_labels(ax, ends, size=7.5)


def dots(name: str, ruin: bool = False) -> Drawer:
    """A panel with one row for each lab: median and nine draws in ten at the end of a middle year."""

    def draw(ax: Axes, results: dict[str, xr.Dataset]) -> list[str]:
        first = next(iter(results.values()))
        labs, year = [str(x) for x in first["lab"].values], middle_year(first)
        box = ax.get_position()  # room for names on the left and probabilities on the right
        ax.set_position((box.x0 + 0.03, box.y0, box.width - (0.075 if ruin else 0.03), box.height))
        top = 0.0
        for k, (colour, ds) in enumerate(zip(COLOURS, results.values(), strict=False)):
            at = ds[name].isel(month=ends_of_years(ds["year"].values)[year]).transpose("draw", "lab")
            low, middle, high = np.quantile(at.values, (0.05, 0.5, 0.95), axis=0)
            y = np.arange(len(labs)) + (k - (len(results) - 1) / 2) * 0.2
            ax.hlines(y, low, high, color=colour, lw=2.6, alpha=0.35)
            ax.plot(middle, y, "o", color=colour, ms=4)
            top = max(top, high.max())
            for j, event in enumerate([e for e in events(ds) if e.lab] if ruin else []):
                beside(ax, k, j, percent(event.probability), colour)
        factor, suffix = unit_of(first[name]).scale(top)
        ax.set_yticks(range(len(labs)), labs)
        ax.set_ylim(len(labs) - 0.4, -0.6)
        ax.set_xlim(0, top * 1.04)
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x * factor:.6g}"))
        ax.set_xlabel(f"{unit_text(first[name], suffix)}, end of {year}")
        ax.grid(axis="x")
        ax.grid(axis="y", visible=False)
        if ruin:
            beside(ax, 0, -0.85, f"ruined by end of {list(ends_of_years(first['year'].values))[-1]}", FAINT)
        return []

    return draw


def beside(ax: Axes, column: int, row: float, text: str, colour: str) -> None:
    """A small text in a column at the right of the axes."""
    place = (1.03 + 0.17 * column, row)
    ax.text(*place, text, transform=ax.get_yaxis_transform(), color=colour, fontsize=7.2, va="center")


def middle_year(ds: xr.Dataset) -> int:
    """The calendar year in the middle of a run."""
    years = list(ends_of_years(ds["year"].values))
    return years[(len(years) - 1) // 2]


POWER = ("dashed: facilities", "line: IT load", "dotted: chips (TDP)")
OVERVIEW = (
    Panel(
        "Industry power",
        ("it_power", "facility_power", "chip_power"),
        lines("it_power", ("facility_power", "chip_power"), POWER, "chip_power"),
    ),
    Panel("Largest training run", ("frontier_run",), lines("frontier_run", measured="frontier_run")),
    Panel("Time horizon of the best model", ("horizon",), lines("horizon", measured="horizon")),
    Panel(
        "Work that AI can do, and does",
        ("work_by_ai", "automatable"),
        lines("work_by_ai", ("automatable",), ("dashed: can do", "line: does")),
    ),
    Panel("Industry revenue", ("industry_revenue",), lines("industry_revenue")),
    Panel("Revenue by lab", ("revenue",), dots("revenue")),
    Panel("Cash and ruin by lab", ("cash", "alive"), dots("cash", ruin=True)),
    Panel("Profit of all labs, before finance", ("profit",), total("profit")),
    Panel("Growth of world output a year", ("output_growth",), lines("output_growth")),
)


@styled()
def overview(results: Results) -> Figure:
    """One page of nine panels that compares up to four results by colour. Panels without their signals are left out.

    Raises InputError where no panel has its signals.
    """
    results = results_of(results)
    shown = [p for p in OVERVIEW if all(n in ds for ds in results.values() for n in p.needs)]
    if not shown:
        raise InputError("overview: the results hold none of its signals: run with the default keep.")
    rows = -(-len(shown) // 3)
    head, foot = heading_inches(results) + 0.4, 0.95
    height = head + 2.95 * rows - 0.7 + foot
    figure = Figure(figsize=(13.2, height))
    grid = figure.subplots(rows, 3, squeeze=False)
    figure.subplots_adjust(0.06, foot / height, 0.955, 1 - head / height, wspace=0.42, hspace=0.36)
    caveats: list[str] = []
    for ax, panel in zip(grid.flat, shown, strict=False):
        ax.set_title(panel.title)
        caveats += panel.draw(ax, results)
    for ax in list(grid.flat)[len(shown) :]:
        ax.remove()
    heading(figure, "The compute bet at a glance", results)
    footnote(figure, results, caveats)
    return figure
