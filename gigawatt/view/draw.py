"""What every picture is made of: fans, scales, labels that do not overlap, headings and footnotes.

Functions here draw on axes that `plots.py` lays out. Sizes are inches, colours come from `style.py`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from gigawatt.core.observed import last_date
from gigawatt.study import observed
from gigawatt.study.events import events
from gigawatt.view.style import (
    COLOURS,
    FAINT,
    INK,
    PAPER,
    Unit,
    is_sure,
    judgement_text,
    percent,
    unit_of,
    unit_text,
)

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
HISTORY = 2  # years of observations that are shown before the run begins
WIDE = 30.0  # ratio of largest to smallest from which on an axis is logarithmic
HOW_TO_READ = "line: median of the draws; dark band: half of them; light band: nine in ten"
HOW_TO_READ_MANY = "lines: medians of the draws; bands: nine draws in ten"
MILESTONES = {"genius": "genius level", "industry_revenue": "revenue over 1 tn", "alive": "first ruin of a lab"}
YEARS = "calendar year (ticks: 1 January)"


def quantiles(signal: xr.DataArray) -> np.ndarray:
    """(5, months, ...): the quantiles of LEVELS over draws, taken on the host. NaN where any draw is NaN."""
    return np.quantile(signal.transpose("draw", "month", ...).values, LEVELS, axis=0)


def begin_of(signals: Sequence[xr.DataArray], measured: str = "") -> float:
    """Where the time axis begins: with the run, or some years earlier where there are observations of `measured`."""
    years = signals[0]["year"].values
    begin = float(years[0] - (years[-1] - years[0]) / (len(years) - 1 or 1))
    earlier = begin - HISTORY
    return earlier if observed.points(measured, since=earlier) else begin


def draw_signals(ax: Axes, signals: Mapping[str, xr.DataArray], draws: int = 0) -> None:
    """The fans of the same signal in several results, each in the colour of its place."""
    for colour, signal in zip(COLOURS, signals.values(), strict=False):
        fan(ax, signal, colour, len(signals) > 1, draws)


def fan(ax: Axes, signal: xr.DataArray, colour: str, several: bool = False, draws: int = 0) -> None:
    """Median and bands of one signal (draw, month); for one that says yes or no, the share of yes."""
    years = signal["year"].values
    if is_sure(signal):
        ax.plot(years, signal.mean("draw").values, color=colour, lw=1.8)
        return
    low, quarter, middle, three, high = quantiles(signal)
    ax.fill_between(years, low, high, color=colour, alpha=0.13 if several else 0.16, lw=0)
    if not several:
        ax.fill_between(years, quarter, three, color=colour, alpha=0.26, lw=0)
    for one in signal.transpose("draw", "month").values[:draws]:
        ax.plot(years, one, color=colour, lw=0.5, alpha=0.35)
    ax.plot(years, middle, color=colour, lw=1.8)


def draw_points(ax: Axes, points: observed.Points | None) -> list[str]:
    """Observed values with the source's intervals, where it gives them. Returns what to beware of."""
    if points is None:
        return []
    reach = np.maximum(np.nan_to_num([points.value - points.low, points.high - points.value]), 0.0)
    ax.errorbar(points.year, points.value, reach, fmt="none", ecolor=FAINT, elinewidth=0.8, alpha=0.7, zorder=3)
    ax.plot(points.year, points.value, "o", ms=3.6, mfc=PAPER, mec=INK, mew=0.9, zorder=4)
    return [points.caveat]


def set_scale(ax: Axes, signals: Sequence[xr.DataArray], *points: observed.Points | None) -> None:
    """Vertical axis that holds these signals and the observed points, with ticks as people write numbers.

    In per cent for shares; logarithmic where positive medians spread widely; linear otherwise.
    """
    first, unit = signals[0], unit_of(signals[0])
    seen = [float(value) for p in points if p is not None for value in p.value]
    parts = [quantiles(s) for s in signals]
    low, middle, high = (np.concatenate([p[i].ravel() for p in parts]) for i in (0, 2, 4))
    low, middle, high = (x[np.isfinite(x)] for x in (low, middle, high))
    if not middle.size:
        low = middle = high = np.array([0.0, 1.0])
    above = middle[middle > 0]
    if is_sure(first):
        percent_scale(ax, 0.0, 1.0, "% of draws")
    elif unit.percent:
        percent_scale(ax, low.min(), high.max(), "%")
    elif low.min() >= 0 and 2 * above.size > middle.size and high.max() > WIDE * above.min():
        floor = max(low[low > 0].min(), above.min() / 10, high.max() / 1e9)
        log_scale(ax, min([floor, *seen]) / 1.5, max([high.max(), *seen]) * 1.3, unit, unit_text(first))
    else:
        linear_scale(ax, low.min(), max([high.max(), *seen]), first)


def percent_scale(ax: Axes, low: float, high: float, label: str) -> None:
    high = 1.0 if 0.8 < high <= 1 else high + 0.06 * (high - min(low, 0.0))
    ax.set_ylim(min(low, 0.0) * 1.06, high or 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.6g}".replace("-", "−")))
    ax.set_ylabel(label)


def log_scale(ax: Axes, low: float, high: float, unit: Unit, label: str) -> None:
    """Ticks at powers of ten, fewer where there are many, with a three between where there are few."""
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    step, between = -(-(last - first) // 7), (1, 3) if last - first <= 2 else (1,)
    ticks = [m * 10.0**k for k in range(first, last + 1) if k % step == 0 for m in between]

    def text(y: float, _: int) -> str:
        if unit.exponent(y):
            return f"$10^{{{np.log10(y * unit.factor):.0f}}}$"
        factor, suffix = unit.scale(y)
        return f"{y * factor:.6g} {suffix}".strip()

    ax.set_yscale("log")
    ax.set_ylim(low, high)
    ax.yaxis.set_major_locator(FixedLocator([t for t in ticks if low <= t <= high]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(text))
    ax.set_ylabel(f"{label}, log scale")


def linear_scale(ax: Axes, low: float, high: float, signal: xr.DataArray) -> None:
    factor, suffix = unit_of(signal).scale(max(high, -low))
    if low >= 0 and high > 2 * low:
        low = 0.0
    room = 0.05 * (high - low) or 1.0
    ax.set_ylim(low - (room if low else 0.0), high + room)
    if low < 0 < high:
        ax.axhline(0, color=FAINT, lw=0.8)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y * factor:.6g}".replace("-", "−")))
    ax.set_ylabel(unit_text(signal, suffix))


def set_years(ax: Axes, begin: float, end: float, open_end: bool = False) -> None:
    """Ticks at the start of each year, thinned so that they do not touch; none at an open end beside a neighbour."""
    inches = inches_of(ax)[0]
    step = max(1, int(np.ceil((end - begin) / (inches / 0.5))))
    ticks = [y for y in range(int(np.ceil(begin - 1e-6)), int(end + 1e-6) + 1) if y % step == 0]
    ax.set_xlim(begin, end)
    ax.xaxis.set_major_locator(FixedLocator([y for y in ticks if not open_end or y < end - 0.05 * (end - begin)]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))


def inches_of(ax: Axes) -> tuple[float, float]:
    """Width and height of axes."""
    figure, box = ax.figure, ax.get_position()
    assert isinstance(figure, Figure)
    return box.width * figure.get_figwidth(), box.height * figure.get_figheight()


def end_text(signal: xr.DataArray, spread: bool) -> tuple[float, str]:
    """(value, text) of a signal at the end of the run: the median, with the ends of the band if `spread`."""
    last = signal.isel(month=-1)
    if is_sure(signal):
        return float(last.mean()), percent(float(last.mean()))
    low, middle, high = np.quantile(last.values, (0.05, 0.5, 0.95))
    unit = unit_of(last)
    return middle, unit.write(middle) + (f"\n({unit.write_range(low, middle, high)})" if spread else "")


def end_labels(ax: Axes, rows: Sequence[tuple[float, str, str]], size: float = 8.5) -> None:
    """Labels (value, text, colour) beside the right edge, moved apart where they would overlap."""
    rows = [r for r in rows if np.isfinite(r[0])]
    if not rows:
        return
    inches = inches_of(ax)[1]
    heights = [(r[1].count("\n") + 1) * 1.35 * size / 72 / inches for r in rows]
    pixels = ax.transData.transform([(0, np.clip(r[0], *ax.get_ylim())) for r in rows])
    places = apart(ax.transAxes.inverted().transform(pixels)[:, 1], heights)
    for (_, text, colour), y in zip(rows, places, strict=True):
        ax.annotate(
            text, (1, y), (5, 0), "axes fraction", textcoords="offset points", color=colour, fontsize=size, va="center"
        )


def apart(centres: Sequence[float] | np.ndarray, heights: Sequence[float]) -> list[float]:
    """Places near `centres` at which labels of these heights do not overlap, in the same order."""
    order, place = np.argsort(centres, kind="stable"), np.array(centres, float)
    for _ in range(200):
        for below, above in zip(order[:-1], order[1:], strict=True):
            lack = max(0.0, (heights[below] + heights[above]) / 2 - (place[above] - place[below]))
            place[below] -= lack / 2
            place[above] += lack / 2
    return place.tolist()


def milestones(ax: Axes, results: Mapping[str, xr.Dataset]) -> None:
    """A strip beneath a chart: when things happen (median, nine in ten of those draws), and in which share of draws."""
    rows = [
        (words, event, colour)
        for signal, words in MILESTONES.items()
        for colour, ds in zip(COLOURS, results.values(), strict=False)
        for event in events(ds)
        if event.signal == signal and not event.lab
    ]
    ax.set_ylim(len(rows) - 0.4, -0.6)
    for y, (words, event, colour) in enumerate(rows):
        text = f"{words}: {percent(event.probability)}"
        ax.text(1.012, y, text, transform=ax.get_yaxis_transform(), va="center", fontsize=7.5, color=colour)
        if event.median is not None and event.low is not None and event.high is not None:
            ax.plot([event.low, event.high], [y, y], color=colour, lw=3, alpha=0.35, solid_capstyle="butt")
            ax.plot(event.median, y, "D", color=colour, ms=4)
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)


def heading_inches(results: Mapping[str, xr.Dataset]) -> float:
    """Height that the heading of a figure takes."""
    return 0.68 + 0.19 * len(results)


def heading(figure: Figure, title: str, results: Mapping[str, xr.Dataset], how: str = "") -> None:
    """Title, the scenarios in their colours, and how to read the figure."""
    left, height = 0.12 / figure.get_figwidth(), figure.get_figheight()
    figure.text(left, 1 - 0.12 / height, title, fontsize=13, weight="bold", va="top", color=INK)
    at = 0.42
    for colour, (name, ds) in zip(COLOURS, results.items(), strict=False):
        said = str(ds.attrs["title"])
        text = said if len(results) == 1 or said.lower().startswith(name.lower()) else f"{name}: {said}"
        figure.text(left, 1 - at / height, text, fontsize=8.5, va="top", color=colour, weight="bold")
        at += 0.19
    how = how or (HOW_TO_READ if len(results) == 1 else HOW_TO_READ_MANY)
    figure.text(left, 1 - at / height, how, fontsize=8, va="top", color=FAINT)


def footnote(figure: Figure, results: Mapping[str, xr.Dataset], caveats: Sequence[str] = ()) -> None:
    """What the figure rests on: version, data, seed, draws, scenarios, share of judgement; caveats of the points."""
    first = next(iter(results.values()))
    scenarios = ", ".join(dict.fromkeys(str(ds.attrs["scenario"]) for ds in results.values()))
    text = (
        f"gigawatt {first.attrs['gigawatt_version']} · data to {last_date()} · scenario {scenarios} · "
        f"{first.attrs['draws']} draws, seed {first.attrs['seed']} · {judgement_text(first)} · "
        f"{first.attrs['money']}"
    )
    notes = list(dict.fromkeys(caveats))
    lines = [f"Circles: {'; '.join(notes)}."] if notes else []
    at = (0.12 / figure.get_figwidth(), 0.1 / figure.get_figheight())
    figure.text(*at, "\n".join([*lines, text]), fontsize=6.8, va="bottom", color=FAINT, linespacing=1.4)
