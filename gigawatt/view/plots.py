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
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.study.events import Event, ends_of_years, events
from gigawatt.view import observed
from gigawatt.view.style import (
    COLOURS,
    FAINT,
    GRID,
    INK,
    PAPER,
    is_sure,
    judgement_text,
    long_name,
    month_text,
    percent,
    results_of,
    styled,
    unit_of,
    unit_text,
)

Results = xr.Dataset | dict[str, xr.Dataset]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
HISTORY = 2.0  # years of observations that are shown before the run begins
WIDE = 30.0  # ratio of largest to smallest from which on an axis is logarithmic
DEEP = 300.0  # a logarithmic axis shows at most this far below the least median
HOW_TO_READ = "line: median of the draws; dark band: half of them; light band: nine in ten"
HOW_TO_READ_MANY = "lines: medians of the draws; bands: nine draws in ten"
MILESTONES = ("genius", "industry_revenue", "alive")


def levels_of(signal: xr.DataArray) -> np.ndarray:
    """(5, months): the quantiles of LEVELS over draws, taken on the host."""
    return np.quantile(signal.transpose("draw", "month").values, LEVELS, axis=0)


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


def check(ds: xr.Dataset, signal: str, by: str | None) -> None:
    if signal not in ds:
        raise InputError(
            f"the result has no signal '{signal}'.{did_you_mean(signal, map(str, ds.data_vars))} "
            "Run again with keep = 'all' for those that are not kept by default."
        )
    if by is not None and by not in ds[signal].dims:
        raise InputError(f"plot: '{signal}' has no axis '{by}': its axes are {', '.join(map(str, ds[signal].dims[2:])) or 'none'}.")


def single(results: dict[str, xr.Dataset], signal: str, draws: int) -> Figure:
    """One large panel, with what happens when beneath it."""
    figure = Figure(figsize=(8.6, 5.6))
    grid = figure.add_gridspec(2, 1, height_ratios=(5, 0.24 + 0.24 * len(results) * 1), hspace=0.16)
    grid.update(left=0.095, right=0.80, top=0.86, bottom=0.14)
    ax, strip = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    first = next(iter(results.values()))
    seen = draw_signals(ax, {name: ds[signal] for name, ds in results.items()}, draws)
    label_ends(ax, results, signal)
    milestones(strip, results, ax.get_xlim())
    ax.tick_params(labelbottom=False, length=0)
    heading(figure, long_name(first[signal]), results)
    footnote(figure, results, seen)
    return figure


def panels(results: dict[str, xr.Dataset], signal: str, axis: str, draws: int) -> Figure:
    """One small panel for each label, all with the same axes."""
    first = next(iter(results.values()))
    labels = [str(x) for x in first[axis].values]
    columns = 3 if len(labels) > 2 else len(labels)
    rows = -(-len(labels) // columns)
    figure = Figure(figsize=(3.1 * columns, 1.35 + 2.25 * rows))
    height = figure.get_figheight()
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    figure.subplots_adjust(0.085, 0.75 / height, 0.985, 1 - 0.95 / height, wspace=0.08, hspace=0.28)
    seen: list[str] = []
    whole = {name: ds[signal] for name, ds in results.items()}
    for ax, label in zip(grid.flat, labels, strict=False):
        mine = {name: ds[signal].sel({axis: label}) for name, ds in results.items() if label in ds[axis].values}
        seen += draw_signals(ax, mine, draws, scale_of=whole)
        ax.set_title(label)
    for ax in list(grid.flat)[len(labels) :]:
        ax.remove()
    for ax in grid[:, 1:].flat:
        ax.set_ylabel("")
        ax.tick_params(labelleft=False)
    heading(figure, f"{long_name(first[signal])}, by {axis}", results)
    footnote(figure, results, seen)
    return figure


def draw_signals(
    ax: Axes,
    signals: Mapping[str, xr.DataArray],
    draws: int = 0,
    scale_of: Mapping[str, xr.DataArray] | None = None,
    history: bool = True,
) -> list[str]:
    """Draw the same signal of each result, with observed points. Returns the caveats of the points.

    scale_of: signals whose range sets the vertical axis, if others than those drawn.
    """
    first = next(iter(signals.values()))
    years = first["year"].values
    lab = str(first["lab"].values) if "lab" in first.coords else ""
    points = observed.points(str(first.name), lab) if history else None
    begin = years[0] - 1 / 12
    shown = points is not None and bool((points.year >= begin - HISTORY).any())
    set_scale(ax, list((scale_of or signals).values()), points if shown and not scale_of else None, begin)
    for colour, signal in zip(COLOURS, signals.values(), strict=False):
        fan(ax, signal, colour, len(signals) > 1, draws)
    set_years(ax, begin - HISTORY if shown else begin, max(s["year"].values[-1] for s in signals.values()))
    if not shown or points is None:
        return []
    draw_points(ax, points, begin - HISTORY)
    return [points.caveat]


def fan(ax: Axes, signal: xr.DataArray, colour: str, several: bool = False, draws: int = 0) -> None:
    """Median and bands of one signal (draw, month); the share of draws where it says yes or no."""
    years = signal["year"].values
    if is_sure(signal):
        ax.plot(years, signal.mean("draw").values, color=colour, lw=1.8)
        return
    low, quarter, middle, three, high = levels_of(signal)
    ax.fill_between(years, low, high, color=colour, alpha=0.13 if several else 0.16, lw=0)
    if not several:
        ax.fill_between(years, quarter, three, color=colour, alpha=0.26, lw=0)
    for one in signal.transpose("draw", "month").values[:draws]:
        ax.plot(years, one, color=colour, lw=0.5, alpha=0.35)
    ax.plot(years, middle, color=colour, lw=1.8)


def draw_points(ax: Axes, points: observed.Points, begin: float) -> None:
    """Observed values with the ends of their intervals, where the source gives them."""
    at = points.year >= begin
    year, value = points.year[at], points.value[at]
    errors = np.nan_to_num([value - points.low[at], points.high[at] - value])
    ax.errorbar(year, value, np.maximum(errors, 0), fmt="none", ecolor=FAINT, elinewidth=0.8, alpha=0.7, zorder=3)
    ax.plot(year, value, "o", ms=3.6, mfc=PAPER, mec=INK, mew=0.9, zorder=4)


def set_scale(ax: Axes, signals: Sequence[xr.DataArray], points: observed.Points | None = None, begin: float = 0) -> None:
    """Linear or logarithmic vertical axis with ticks and unit as people write them."""
    unit, first = unit_of(signals[0]), signals[0]
    many = [flat(s) for s in signals]
    low, middle, high = (np.concatenate([m[i].ravel() for m in many]) for i in (0, 2, 4))
    top = float(np.nanmax(high)) if np.isfinite(high).any() else 1.0
    positive = middle[middle > 0]
    wide = positive.size and positive.size >= 0.5 * middle.size and top > WIDE * positive.min() and np.nanmin(low) >= 0
    if is_sure(first) or unit.percent and np.nanmin(low) >= 0:
        ax.set_ylim(0, 1.02 if is_sure(first) or top > 0.6 else None)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))
        ax.set_ylabel("% of draws" if is_sure(first) else "%")
    elif wide and not unit.percent:
        floor = max(low[low > 0].min() if (low > 0).any() else 0, positive.min() / 10, top / 10**9)
        if points is not None:
            seen = points.value[points.year >= begin - HISTORY]
            floor, top = min(floor, seen.min() / 1.3), max(top, seen.max())
        ax.set_yscale("log")
        ax.set_ylim(floor, top * 1.25)
        decades(ax, floor, top * 1.25)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: power_text(y, unit)))
        ax.set_ylabel(f"{unit_text(first)}, logarithmic")
    else:
        factor, suffix = unit.scale(max(top, -float(np.nanmin(low)), 1e-12))
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y * factor:g}".replace("-", "−")))
        ax.set_ylabel(unit_text(first, suffix))
        if np.nanmin(low) >= 0 and top > 2 * max(0.0, float(np.nanmin(low))):
            ax.set_ylim(0, top * 1.05)
        elif np.nanmin(low) < 0 < top:
            ax.axhline(0, color=FAINT, lw=0.8)


def flat(signal: xr.DataArray) -> np.ndarray:
    """(5, ...) quantiles over draws of a signal with any axes."""
    return np.quantile(signal.transpose("draw", ...).values, LEVELS, axis=0)


def decades(ax: Axes, low: float, high: float) -> None:
    """Ticks at powers of ten, every second or third where there are many, at 1, 2, 5 where there are few."""
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    step = max(1, -(-(last - first) // 7))
    ticks = [m * 10.0**k for k in range(first, last + 1, step) for m in ((1, 3) if last - first <= 2 else (1,))]
    ax.yaxis.set_major_locator(FixedLocator([t for t in ticks if low <= t <= high]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())


def power_text(y: float, unit: object) -> str:
    """Tick of a logarithmic axis: '100 bn', '1 tn', or a power of ten where words end."""
    from gigawatt.view.style import Unit

    assert isinstance(unit, Unit)
    if unit.exponent(y):
        return f"$10^{{{np.log10(y * unit.factor):.0f}}}$"
    factor, suffix = unit.scale(y)
    return f"{y * factor:g} {suffix}".strip()


def set_years(ax: Axes, begin: float, end: float) -> None:
    """Ticks at the start of each year, labelled so that they do not touch."""
    first, last = int(np.ceil(begin - 1e-6)), int(np.floor(end + 1e-6))
    inches = ax.get_window_extent().width / ax.figure.dpi
    step = max(1, int(np.ceil((last - first) / (inches / 0.52))))
    ax.set_xlim(begin, end)
    ax.xaxis.set_major_locator(FixedLocator(list(range(first, last + 1, step))))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))


def label_ends(ax: Axes, results: Mapping[str, xr.Dataset], signal: str) -> None:
    """Name and last value of each line at its right end, with the ends of the bands."""
    rows = []
    for colour, (name, ds) in zip(COLOURS, results.items(), strict=False):
        last = ds[signal].isel(month=-1)
        if is_sure(ds[signal]):
            middle, text = float(last.mean()), percent(float(last.mean()))
        else:
            low, middle, high = np.quantile(last.values, (0.05, 0.5, 0.95))
            unit = unit_of(last)
            text = f"{unit.write(middle)}\n({unit.write_range(low, middle, high)})"
        rows.append((middle, f"{name}\n{text}" if len(results) > 1 else text, colour))
    end_labels(ax, rows, size=8.5)


def end_labels(ax: Axes, rows: Sequence[tuple[float, str, str]], size: float = 7.5) -> None:
    """Labels (value, text, colour) at the right edge, moved apart where they would overlap."""
    rows = [r for r in rows if np.isfinite(r[0])]
    inches = ax.get_window_extent().height / ax.figure.dpi
    heights = [(r[1].count("\n") + 1) * 1.3 * size / 72 / inches for r in rows]
    low, high = ax.get_ylim()
    pixels = ax.transData.transform([(0, np.clip(r[0], low, high)) for r in rows])
    places = spread(ax.transAxes.inverted().transform(pixels)[:, 1], heights) if rows else []
    for (_, text, colour), y in zip(rows, places, strict=True):
        ax.text(1.015, y, text, transform=ax.transAxes, color=colour, fontsize=size, va="center", linespacing=1.25)


def spread(centres: Sequence[float] | np.ndarray, heights: Sequence[float]) -> list[float]:
    """Places near `centres` (parts of an axis) at which labels of these heights do not overlap."""
    order = np.argsort(centres)
    place = np.array(centres, float)
    for _ in range(200):
        moved = False
        for below, above in zip(order[:-1], order[1:], strict=True):
            lack = (heights[below] + heights[above]) / 2 - (place[above] - place[below])
            if lack > 1e-9:
                place[below] -= lack / 2
                place[above] += lack / 2
                moved = True
        if not moved:
            break
    return place.tolist()


def milestones(ax: Axes, results: Mapping[str, xr.Dataset], span: tuple[float, float]) -> None:
    """A strip beneath a chart: when things happen (median and nine draws in ten) and in which share of draws."""
    ax.set_xlim(*span)
    rows: list[tuple[str, Event, str]] = []
    for signal in MILESTONES:
        for colour, ds in zip(COLOURS, results.values(), strict=False):
            found = [e for e in events(ds) if e.signal == signal and not e.lab]
            rows += [(e.name, e, colour) for e in found]
    ax.set_ylim(len(rows) - 0.4, -0.6)
    for y, (_, event, colour) in enumerate(rows):
        text = f"{event.name}: {percent(event.probability)}" if len(results) == 1 or y % len(results) == 0 else percent(event.probability)
        ax.text(1.015, y, text, transform=ax.get_yaxis_transform(), va="center", fontsize=7.5, color=colour)
        if event.median is not None and event.low is not None and event.high is not None:
            ax.plot([event.low, event.high], [y, y], color=colour, lw=3, alpha=0.35, solid_capstyle="butt")
            ax.plot(event.median, y, "D", color=colour, ms=4.5)
    set_years(ax, *span)
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("calendar year (ticks: 1 January)")


def heading(figure: Figure, title: str, results: Mapping[str, xr.Dataset]) -> None:
    """Title, the scenarios in their colours, and how to read the figure."""
    height = figure.get_figheight()
    figure.text(0.012, 1 - 0.12 / height, title, fontsize=13, weight="bold", va="top", color=INK)
    at = 0.012
    for colour, (name, ds) in zip(COLOURS, results.items(), strict=False):
        text = ds.attrs["title"] if len(results) == 1 else f"{name}: {ds.attrs['title']}"
        label = figure.text(at, 1 - 0.42 / height, text, fontsize=8.5, va="top", color=colour, weight="bold")
        at += (label.get_window_extent().width / figure.dpi + 0.18) / figure.get_figwidth()
    how = HOW_TO_READ if len(results) == 1 else HOW_TO_READ_MANY
    figure.text(0.012, 1 - 0.62 / height, how, fontsize=8, va="top", color=FAINT)


def footnote(figure: Figure, results: Mapping[str, xr.Dataset], caveats: Sequence[str] = ()) -> None:
    """What the figure rests on: version, data, seed, draws, scenarios, share of judgement; caveats of the points."""
    first = next(iter(results.values()))
    scenarios = ", ".join(dict.fromkeys(str(ds.attrs["scenario"]) for ds in results.values()))
    text = (
        f"gigawatt {first.attrs['gigawatt_version']} · data to {observed.last_date()} · scenario {scenarios} · "
        f"{first.attrs['draws']} draws, seed {first.attrs['seed']} · {judgement_text(first)} · money in {first.attrs['money']}"
    )
    notes = list(dict.fromkeys(caveats))
    if notes:
        text = f"Circles: {'; '.join(notes)}.\n" + text
    figure.text(0.012, 0.1 / figure.get_figheight(), text, fontsize=6.8, va="bottom", color=FAINT, linespacing=1.4)


@styled()
def ribbon(ds: xr.Dataset, signal: str = "revenue", by: str = "lab") -> Figure:
    """Shares of a signal by lab over time: medians stacked and scaled to add up to one."""
    check(ds, signal, by)
    parts = np.median(ds[signal].transpose("draw", "month", by).values, axis=0)
    total = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    figure = Figure(figsize=(8.6, 4.8))
    ax = figure.add_axes((0.075, 0.145, 0.74, 0.68))
    years, tops = ds["year"].values, np.cumsum(shares, axis=1)
    rows = []
    for i, label in enumerate(ds[by].values):
        colour = COLOURS[i % len(COLOURS)]
        ax.fill_between(years, tops[:, i] - shares[:, i], tops[:, i], color=colour, alpha=0.75, lw=0.6, ec=PAPER)
        rows.append((tops[-1, i] - shares[-1, i] / 2, f"{label} {percent(shares[-1, i])}", colour))
    set_years(ax, years[0], years[-1])
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))
    ax.set_ylabel(f"% of the sum over {by}s")
    ax.set_xlabel("calendar year (ticks: 1 January)")
    ax.grid(False)
    end_labels(ax, rows, size=8.5)
    heading(figure, f"{long_name(ds[signal])}: shares by {by}", {"": ds})
    figure.texts[-1].set_text("medians of the draws, scaled to add up to 100 %")
    footnote(figure, {"": ds})
    return figure


@dataclass(frozen=True)
class Panel:
    """One panel of the overview: what it needs, and what draws it."""

    title: str
    needs: tuple[str, ...]
    draw: Callable[[Axes, dict[str, xr.Dataset]], list[str]]


def lines(*names: str, words: Sequence[str] = ()) -> Callable[[Axes, dict[str, xr.Dataset]], list[str]]:
    """A panel with a fan of the first signal and the medians of the others, dashed and dotted, said in `words`."""

    def draw(ax: Axes, results: dict[str, xr.Dataset]) -> list[str]:
        shown = [{name: ds[n] for name, ds in results.items()} for n in names]
        every = {f"{n} {name}": ds[n] for name, ds in results.items() for n in names}
        seen = draw_signals(ax, shown[0], scale_of=every if len(names) > 1 else None)
        for style, others in zip(("--", ":"), shown[1:], strict=False):
            for colour, other in zip(COLOURS, others.values(), strict=False):
                ax.plot(other["year"].values, np.median(other.values, axis=0), style, color=colour, lw=1.3)
        if words:
            ax.text(0.03, 0.96, "\n".join(words), transform=ax.transAxes, va="top", fontsize=7.5, color=FAINT)
        return seen

    return draw


def total(name: str) -> Callable[[Axes, dict[str, xr.Dataset]], list[str]]:
    """A panel with the sum of a signal over labs, draw by draw."""

    def draw(ax: Axes, results: dict[str, xr.Dataset]) -> list[str]:
        sums = {k: ds[name].sum("lab").assign_attrs(ds[name].attrs) for k, ds in results.items()}
        return draw_signals(ax, sums, history=False)

    return draw


def dots(name: str, ruin: bool = False) -> Callable[[Axes, dict[str, xr.Dataset]], list[str]]:
    """A panel with one row for each lab: median and nine draws in ten at the end of a middle year."""

    def draw(ax: Axes, results: dict[str, xr.Dataset]) -> list[str]:
        first = next(iter(results.values()))
        labs = [str(x) for x in first["lab"].values]
        year = middle_year(first)
        tops = []
        for k, (colour, ds) in enumerate(zip(COLOURS, results.values(), strict=False)):
            at = ds[name].isel(month=ends_of_years(ds["year"].values)[year])
            low, middle, high = np.quantile(at.transpose("draw", "lab").values, (0.05, 0.5, 0.95), axis=0)
            y = np.arange(len(labs)) + (k - (len(results) - 1) / 2) * 0.2
            ax.hlines(y, low, high, color=colour, lw=2.6, alpha=0.35)
            ax.plot(middle, y, "o", color=colour, ms=4)
            tops.append(high.max())
            if ruin:
                chance = [e.probability for e in events(ds) if e.lab]
                for j, p in enumerate(chance):
                    ax.text(1.02 + 0.13 * k, j, percent(p), transform=ax.get_yaxis_transform(), color=colour, fontsize=7.2, va="center")
        factor, suffix = unit_of(first[name]).scale(max(tops))
        ax.set_yticks(range(len(labs)), labs)
        ax.set_ylim(len(labs) - 0.4, -0.6)
        ax.set_xlim(0, None)
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x * factor:g}"))
        ax.set_xlabel(f"{unit_text(first[name], suffix)}, end of {year}")
        ax.grid(axis="x")
        ax.grid(axis="y", visible=False)
        if ruin:
            ax.text(1.02, -0.75, f"ruined by {int(first['year'].values[-1])}", transform=ax.get_yaxis_transform(), fontsize=7, color=FAINT)
        return []

    return draw


def middle_year(ds: xr.Dataset) -> int:
    """The calendar year in the middle of a run."""
    years = list(ends_of_years(ds["year"].values))
    return years[(len(years) - 1) // 2]


OVERVIEW = (
    Panel(
        "Industry power",
        ("it_power", "facility_power", "chip_power"),
        lines("it_power", "facility_power", "chip_power", words=("dashed: facilities", "line: IT load", "dotted: chips (TDP)")),
    ),
    Panel("Largest training run", ("frontier_run",), lines("frontier_run")),
    Panel("Time horizon of the best model", ("horizon",), lines("horizon")),
    Panel(
        "Work that AI can do, and does",
        ("work_by_ai", "automatable"),
        lines("work_by_ai", "automatable", words=("dashed: could do", "line: does")),
    ),
    Panel("Industry revenue", ("industry_revenue",), lines("industry_revenue")),
    Panel("Revenue by lab", ("revenue",), dots("revenue")),
    Panel("Cash by lab, and ruin", ("cash", "alive"), dots("cash", ruin=True)),
    Panel("Profit of all labs, before finance", ("profit",), total("profit")),
    Panel("Growth of world output a year", ("output_growth",), lines("output_growth")),
)


@styled()
def overview(results: Results) -> Figure:
    """One page of nine panels that compares up to four results by colour. Panels without their signals are left out."""
    results = results_of(results)
    shown = [p for p in OVERVIEW if all(n in ds for ds in results.values() for n in p.needs)]
    if not shown:
        raise InputError("overview: the results hold none of its signals: run with the default keep.")
    rows = -(-len(shown) // 3)
    figure = Figure(figsize=(13.2, 1.7 + 2.9 * rows))
    height = figure.get_figheight()
    grid = figure.subplots(rows, 3, squeeze=False)
    figure.subplots_adjust(0.055, 0.85 / height, 0.96, 1 - 1.15 / height, wspace=0.42, hspace=0.42)
    seen = []
    for ax, panel in zip(grid.flat, shown, strict=False):
        seen += panel.draw(ax, results)
        ax.set_title(panel.title)
    for ax in list(grid.flat)[len(shown) :]:
        ax.remove()
    heading(figure, "The compute bet at a glance", results)
    footnote(figure, results, seen)
    return figure
