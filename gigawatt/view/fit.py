"""What a fit looks like: the data with the law, what is left, and our numbers beside those of others.

Dots are observations that the fit used, hollow diamonds those that it had not seen; lines are the law.
"""

import textwrap
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from gigawatt.core.observed import last_date
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points
from gigawatt.view.draw import set_years
from gigawatt.view.fit_text import band, number, sentence, unit_word
from gigawatt.view.style import COLOURS, FAINT, INK, PAPER, styled

OURS, THEIRS = COLOURS[:2]
WIDTH = 13.2  # inches
PANEL = 3.5  # inches of height
ROW, ROW_ALONE = 0.36, 0.21  # inches for an estimate with a published value, and without
REACH = 4.0  # half widths of our interval beyond which a published value is drawn as an arrow
NAMED = 7  # groups in a legend that stands inside of its axes
BELOW = {"loc": "upper left", "bbox_to_anchor": (-0.02, -0.16), "ncols": 2}
MANY, SIZES = (60, 300), (4.4, 3.2, 2.3)  # observations in a panel, and how large each is drawn
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)  # ticks of a logit scale
HOW_TO_READ = f"Dots: used; hollow diamonds: held out; lines: the law; bands: {100 * LEVEL:.0f} %"


@styled()
def figure(fit: Fit, seed: int | None = None) -> Figure:
    """The panels of a fit, its residuals, and its estimates beside the published ones.

    fit: from `gigawatt.study.fit.fit`. seed: what its random numbers followed from, for the footnote.
    """
    count = len(fit.panels)
    across = 2 if count == 4 else min(count, 3)
    rows = -(-count // across)
    lower = max(PANEL, sum(inches(e) for e in fit.estimates))
    head = heading_lines(fit)
    top, bottom = 0.8 + 0.17 * len(head), 0.75
    height = top + bottom + (PANEL + 0.75) * rows + lower
    drawn = Figure(figsize=(WIDTH, height))
    above = edges(drawn, bottom + lower + 0.75, height - top, 0.985)
    upper = drawn.add_gridspec(rows, across, **above, wspace=0.24, hspace=0.75 / PANEL)
    for i, panel in enumerate(fit.panels):
        draw_panel(drawn.add_subplot(upper[divmod(i, across)]), panel)
    left = edges(drawn, bottom + lower - PANEL, bottom + lower, 0.335)
    draw_panel(drawn.add_subplot(drawn.add_gridspec(1, 1, **left)[0]), fit.residuals, zero=True)
    right = edges(drawn, bottom, bottom + lower, 0.79) | {"left": 0.52}
    draw_estimates(drawn.add_subplot(drawn.add_gridspec(1, 1, **right)[0]), fit.estimates)
    say_what(drawn, fit, head, seed)
    return drawn


def edges(drawn: Figure, bottom: float, top: float, right: float) -> dict[str, float]:
    """Margins of a grid between two heights in inches, as shares of the figure."""
    height = drawn.get_figheight()
    return {"left": 0.058, "right": right, "bottom": bottom / height, "top": top / height}


def heading_lines(fit: Fit) -> list[str]:
    """Law, method and data, in lines that fit the width."""
    told = (
        f"Law: {fit.law}",
        f"{sentence(fit.method)} Data: {fit.data}" + (f", until {fit.until}" if fit.until else ""),
    )
    return [line for words in (*told, HOW_TO_READ) for line in textwrap.wrap(words, 190)]


def say_what(drawn: Figure, fit: Fit, head: Sequence[str], seed: int | None) -> None:
    """Title, law, method and data above; what the picture rests on below."""
    left, height = 0.12 / WIDTH, drawn.get_figheight()
    drawn.text(left, 1 - 0.12 / height, fit.title, fontsize=13, weight="bold", va="top", color=INK)
    for i, line in enumerate(head):
        at = 1 - (0.4 + 0.17 * i) / height
        drawn.text(left, at, line, fontsize=8.5, va="top", color=FAINT if i else OURS)
    rests = [f"gigawatt {metadata.version('gigawatt')}", f"fit {fit.name}", f"data to {fit.until or last_date()}"]
    rests += [f"seed {seed}"] if seed is not None else []
    drawn.text(left, 0.1 / height, " · ".join(rests), fontsize=6.8, va="bottom", color=FAINT)


def draw_panel(ax: Axes, panel: Panel, zero: bool = False) -> None:
    """Observations and lines on the scales of the panel; with a line at zero for what is left."""
    ax.set_title(panel.title)
    ax.set_xlabel(panel.x_label)
    ax.set_ylabel(panel.y_label)
    colours = colours_of(panel)
    if zero:
        ax.axhline(0.0, color=FAINT, lw=0.9)
    set_x(ax, panel)
    set_y(ax, panel)
    for line in panel.lines:
        draw_line(ax, line, colours[line.label])
    size = SIZES[int(np.searchsorted(MANY, sum(len(p.x) for p in panel.points)))]
    for points in panel.points:
        draw_points(ax, points, colours.get(points.label, FAINT), size)
    named = {p.label for p in panel.points} | {line.label for line in panel.lines}
    if len(named - {""}) > 1:
        where: Any = BELOW if zero and len(named) > NAMED else {"loc": "best"}
        ax.legend(fontsize=7.2, framealpha=0.75, edgecolor="none", facecolor=PAPER, **where)


def colours_of(panel: Panel) -> dict[str, str]:
    """By label: observations share the colour of a line that names them; a lone group without such a line is grey.

    'frontier: 4.8x a year' names 'frontier'.
    """
    lines = list(dict.fromkeys(line.label for line in panel.lines))
    found = {label: COLOURS[i % len(COLOURS)] for i, label in enumerate(lines)}
    groups = list(dict.fromkeys(p.label for p in panel.points if not p.held_out))
    owned = {g: found[label] for g in groups for label in reversed(lines) if g and g in label}
    others = [g for g in groups if g not in owned]
    rest = COLOURS[len(lines) :] or COLOURS
    free = {} if len(others) == 1 else {g: rest[i % len(rest)] for i, g in enumerate(others)}
    return found | owned | free


def draw_line(ax: Axes, line: Line, colour: str) -> None:
    if line.low is not None and line.high is not None:
        ax.fill_between(line.x, line.low, line.high, color=colour, alpha=0.16, lw=0, zorder=1)
    ax.plot(line.x, line.y, color=colour, lw=1.6, label=line.label, zorder=3)


def draw_points(ax: Axes, points: Points, colour: str, size: float) -> None:
    """Observations with their intervals; what lies outside of the axis stands at its edge."""
    low, high = ax.get_ylim()
    y = np.clip(points.y, low, high)
    if points.low is not None and points.high is not None:
        reach = np.maximum(np.nan_to_num([y - np.clip(points.low, low, high), np.clip(points.high, low, high) - y]), 0)
        ax.errorbar(points.x, y, reach, fmt="none", ecolor=FAINT, elinewidth=0.7, alpha=0.55, zorder=2)
    if points.held_out:
        ax.plot(points.x, y, "D", ms=4.6, mfc=PAPER, mec=INK, mew=1.0, label=points.label, zorder=5, clip_on=False)
    else:
        ax.plot(points.x, y, "o", ms=size, color=colour, alpha=0.7, mew=0, label=points.label, zorder=4, clip_on=False)


def seen(panel: Panel, axis: str) -> np.ndarray:
    """Every finite coordinate that the panel shows on 'x' or 'y', intervals and bands included."""
    items: tuple[Points | Line, ...] = (*panel.points, *panel.lines)
    parts = [getattr(item, axis) for item in items]
    if axis == "y":
        parts += [end for item in items for end in (item.low, item.high) if end is not None]
    values = np.concatenate([np.ravel(np.asarray(p, float)) for p in parts] or [np.array([0.0, 1.0])])
    return values[np.isfinite(values)]


def set_x(ax: Axes, panel: Panel) -> None:
    x = seen(panel, "x")
    if panel.x_scale == "log":
        x = x[x > 0]
        log_ticks(ax, "x", float(x.min()), float(x.max()))
        return
    room = 0.03 * float(np.ptp(x)) or 0.5
    if panel.x_scale == "date":
        set_years(ax, float(x.min()) - room, float(x.max()) + room)
    else:
        ax.set_xlim(x.min() - room, x.max() + room)
        ax.xaxis.set_major_formatter(FuncFormatter(plain))


def set_y(ax: Axes, panel: Panel) -> None:
    """Limits from the observations, so that a wide band does not press them together."""
    y, points = seen(panel, "y"), np.concatenate([np.asarray(p.y, float) for p in panel.points])
    points = points[np.isfinite(points)]
    if panel.y_scale == "log":
        points, y = points[points > 0], y[y > 0]
        span = max(float(points.max() / points.min()), 3.0)
        log_ticks(ax, "y", max(float(y.min()), points.min() / span**0.4), min(float(y.max()), points.max() * span**0.4))
    elif panel.y_scale == "logit":
        inside = points[(points > 0) & (points < 1)]
        ends = min(float(inside.min(initial=0.1)), 0.1) / 1.6, 1 - min(float(1 - inside.max(initial=0.9)), 0.1) / 1.6
        ax.set_yscale("logit", nonpositive="clip")
        ax.set_ylim(*ends)
        ax.yaxis.set_major_locator(FixedLocator([s for s in SHARES if ends[0] <= s <= ends[1]]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{100 * s:g} %"))
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        room = float(np.ptp(points)) or 1.0
        ax.set_ylim(
            max(y.min(), points.min() - 0.4 * room) - 0.06 * room,
            min(y.max(), points.max() + 0.4 * room) + 0.06 * room,
        )
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=(1, 2, 2.5, 5, 10)))
        ax.yaxis.set_major_formatter(FuncFormatter(plain))


def log_ticks(ax: Axes, axis: str, low: float, high: float) -> None:
    """A logarithmic axis with room at both ends, and ticks between powers of ten where there are few of them."""
    room = (high / low) ** 0.05 * 1.05
    which = ax.xaxis if axis == "x" else ax.yaxis
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    (ax.set_xlim if axis == "x" else ax.set_ylim)(low / room, high * room)
    decades = np.log10(high / low)
    between = (1, 2, 5) if decades < 1.3 else (1, 3) if decades < 2.5 else (1,)
    which.set_major_locator(LogLocator(subs=between, numticks=9))
    which.set_major_formatter(FuncFormatter(power))
    which.set_minor_formatter(NullFormatter())
    which.set_minor_locator(NullLocator())


def power(x: float, _: object = None) -> str:
    """1000 as people write it, and powers of ten beyond 10 000 and below a thousandth."""
    if 1e-3 <= x < 99_999:
        return f"{x:.6g}"
    exponent = int(np.floor(np.log10(x) + 1e-9))
    times = x / 10.0**exponent
    return f"${'' if abs(times - 1) < 1e-6 else f'{times:.0f}·'}10^{{{exponent}}}$"


def plain(x: float, _: object = None) -> str:
    return f"{x:.6g}".replace("-", "−")


def inches(e: Estimate) -> float:
    """Height of the row of an estimate."""
    return ROW_ALONE if e.published is None else ROW


def draw_estimates(ax: Axes, estimates: Sequence[Estimate]) -> None:
    """A row for each estimate: ours with its interval at zero, the published one where it lies from there."""
    ax.axvspan(-1, 1, color=OURS, alpha=0.06, lw=0)
    ax.axvline(0, color=OURS, lw=0.8, alpha=0.5)
    ax.set_xlim(-REACH - 0.4, REACH + 0.4)
    ends = np.cumsum([inches(e) for e in estimates])
    ax.set_ylim(max(float(ends[-1]), PANEL), 0.0)
    middles = ends - 0.5 * np.array([inches(e) for e in estimates])
    for at, e in zip(middles, estimates, strict=True):
        draw_estimate(ax, float(at), e)
    ax.set_yticks(middles, [textwrap.shorten(e.name, 38, placeholder="…") for e in estimates])
    ax.tick_params(axis="y", labelsize=7.4)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(f"distance from our value, in half widths of our {100 * LEVEL:.0f} % interval")
    ax.set_title("Estimates: ours (blue, round), published (orange, square)")


def draw_estimate(ax: Axes, at: float, e: Estimate) -> None:
    """One row around the height `at`: ours above the published value, or alone."""
    up = 0.07 if e.published else 0.0
    ours = place_of(e, np.array([e.low, e.value, e.high]))
    ax.plot(ours[[0, 2]], [at - up] * 2, color=OURS, lw=2.2, solid_capstyle="butt")
    ax.plot(ours[1], at - up, "o", color=OURS, ms=5)
    beside(ax, at - up, f"{told(e.value, e.low, e.high, e.unit)} {unit_word(e.unit, e.value)}", OURS)
    if e.published is None:
        return
    p = e.published
    low, middle, high = place_of(e, np.array([p.low, p.value, p.high]))
    ax.plot(np.clip([low, high], -REACH, REACH), [at + up] * 2, color=THEIRS, lw=2.2, alpha=0.6)
    marker = "s" if abs(middle) <= REACH else "<" if middle < 0 else ">"
    ax.plot(np.clip(middle, -REACH, REACH), at + up, marker, color=THEIRS, ms=4.5)
    beside(ax, at + up, f"{told(p.value, p.low, p.high, e.unit)}  {p.source}", THEIRS)


def beside(ax: Axes, at: float, words: str, colour: str) -> None:
    """Words to the right of a row."""
    ax.text(1.02, at, words, transform=ax.get_yaxis_transform(), color=colour, fontsize=7.2, va="center")


def told(value: float, low: float, high: float, unit: str) -> str:
    """'0.3478 (0.333 to 0.363)'."""
    ends = band(low, high, unit)
    return f"{number(value, unit)} ({ends})" if ends else number(value, unit)


def place_of(e: Estimate, x: np.ndarray) -> np.ndarray:
    """Distances from our value in half widths of our interval, on the scale of the estimate's shape."""
    ends = np.array([e.low, e.value, e.high])
    if e.shape == "lognormal" and ends.min() > 0:
        ends, x = np.log(ends), np.log(np.where(x > 0, x, np.nan))
    half = 0.5 * (ends[2] - ends[0]) or abs(ends[1]) or 1.0
    return (x - ends[1]) / half
