"""Why, as people read it: a tornado, indices over time, and the steps from one scenario to another.

Blue is the low end of a number, orange the high end; steps up are blue, steps down orange. Both read in grey and in the
dark.
"""

from collections.abc import Sequence
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from rich.console import Group
from rich.text import Text

from gigawatt.core.observed import last_date
from gigawatt.core.result import version
from gigawatt.study.attribution import Attribution, Step
from gigawatt.study.sensitivity import Bar, Why
from gigawatt.study.target import Target
from gigawatt.view.draw import YEARS, apart, set_years
from gigawatt.view.style import COLOURS, FAINT, GRID, INK, Unit, styled, unit_named
from gigawatt.view.tables import plain_table

LOW, HIGH = COLOURS[:2]
WIDTH = 56  # letters of a number's meaning beside its bar
SHOWN = 6  # numbers with a line of their own over time: as many as there are colours
STEPS = 8  # steps with a bar of their own; the rest together


def why_text(found: Why) -> Group:
    """The base, a row for each bar, and what the indices leave to luck and to many small numbers."""
    unit = unit_of(found.target)
    title = f"{found.target.name}, end of {found.target.at}, {found.scenario}: {written(unit, found.base)}"
    table = plain_table(title, ["5 %", "95 %", "at 5 %", "at 95 %", "explains"], 40)
    for bar in found.tornado:
        alone = f"{bar.first:.0%}" if bar.first > found.indices.floor else "–"
        ends = (
            plainly(bar.low, bar.unit),
            plainly(bar.high, bar.unit),
            unit.write(bar.at_low),
            unit.write(bar.at_high),
        )
        table.add_row(Text(bar.path) + Text(f"\n{brief(bar.label, 40)}", style="dim"), *ends, alone)
    shown = [p for p in found.indices.shown if found.indices.now[p] > found.indices.floor]
    told = sum(found.indices.now[p] for p in shown)
    closing = (
        f"'Explains': share of the variance of the rank that a number explains alone; '–' is below "
        f"{found.indices.floor:.1%}, the noise of {found.draws} draws. Together {told:.0%}; the rest is luck, numbers "
        "acting together, and small ones."
    )
    return Group(table, "", Text(closing))


def attribution_text(found: Attribution) -> Group:
    """The sentence, and a row for each step."""
    unit = unit_of(found.target)
    table = plain_table(sentence(found), [found.a, found.b, "effect"], 40)
    for step in found.steps:
        error = f" ± {unit.write(step.error)}" if step.error else ""
        texts = (shorten(text or "none", 30, placeholder="…") for text in (step.a, step.b))
        table.add_row(shorten(step.name, 60, placeholder="…"), *texts, signed(unit, step.effect) + error)
    how = "all subsets of the differences" if found.exact else "orders drawn with their reverses"
    return Group(table, "", Text(f"Shapley values from {found.runs} runs ({how}); they add up to the whole change."))


def sentence(found: Attribution) -> str:
    """'Industry revenue run rate, end of 2030-12: 1.3 tn in base, 0.29 tn in slow, -1.0 tn.'"""
    unit = unit_of(found.target)
    values = f"{written(unit, found.start)} in {found.a}, {written(unit, found.end)} in {found.b}"
    return f"{found.target.name}, end of {found.target.at}: {values}, {signed(unit, found.end - found.start)}"


def pictures(found: Why | Attribution) -> dict[str, Figure]:
    """{name: figure} of an answer."""
    if isinstance(found, Why):
        return {"tornado": tornado_figure(found), "indices": indices_figure(found)}
    return {"waterfall": waterfall_figure(found)}


def unit_of(target: Target) -> Unit:
    return unit_named(target.unit, target.signal)


def written(unit: Unit, value: float) -> str:
    return f"{unit.write(value)} {unit.text}".strip()


def plainly(value: float, unit: str) -> str:
    """A number of the model in its own unit; a date with its tenth."""
    return f"{value:.1f}" if unit == "calendar year" else f"{value:.3g}"


def brief(label: str, letters: int) -> str:
    """A meaning cut to so many letters, with the label at its end, if any, left whole."""
    if len(label) <= letters:
        return label
    head, _, tail = label.rpartition(", ")
    end = f", {tail}" if head and len(tail) < 20 else ""
    return label[: letters - len(end) - 1].rstrip(" ,") + "…" + end


def signed(unit: Unit, value: float) -> str:
    return f"{'+' if value > 0 else ''}{unit.write(value)}"


def canvas(size: tuple[float, float], title: str, how: str, rests: Sequence[str]) -> Figure:
    """An empty figure with its title, how to read it, and what it rests on."""
    figure = Figure(figsize=size)
    left, height = 0.12 / size[0], size[1]
    figure.text(left, 1 - 0.12 / height, title, fontsize=12, weight="bold", va="top", color=INK)
    figure.text(left, 1 - 0.4 / height, how, fontsize=8, va="top", color=FAINT, linespacing=1.35)
    foot = " · ".join((f"gigawatt {version()}", f"data to {last_date()}", *rests))
    figure.text(left, 0.08 / height, foot, fontsize=6.8, va="bottom", color=FAINT)
    return figure


def ground(found: Why | Attribution) -> list[str]:
    name = f"scenario {found.scenario}" if isinstance(found, Why) else f"{found.b} against {found.a}"
    return [name, f"{found.draws} draws, seed {found.seed}"]


@styled()
def tornado_figure(found: Why) -> Figure:
    """A bar for each number, from the target with the number low to the target with it high."""
    height = 1.35 + 0.34 * len(found.tornado)
    how = (
        "Each number at its 5th (blue) and 95th (orange) percentile in every draw, all others as drawn. Line: as drawn."
    )
    figure = canvas(
        (8.6, height), f"What it hangs on: {found.target.name}, end of {found.target.at}", how, ground(found)
    )
    ax = figure.add_axes((0.43, 0.62 / height, 0.52, 1 - 1.32 / height))
    for row, bar in enumerate(found.tornado):
        draw_bar(ax, row, bar, found.base)
    ax.axvline(found.base, color=INK, lw=1.0)
    names = [brief(bar.label, WIDTH) for bar in found.tornado]
    ax.set_yticks(range(len(names)), names, fontsize=7.4)
    ax.set_ylim(len(names) - 0.4, -0.6)
    value_axis(ax, found.target)
    return figure


def draw_bar(ax: Axes, row: int, bar: Bar, base: float) -> None:
    """Two halves, with the number's own values at their ends."""
    ends = sorted([(bar.at_low, bar.low, LOW), (bar.at_high, bar.high, HIGH)])
    for (at, value, colour), side in zip(ends, (-1, 1), strict=True):
        ax.barh(row, at - base, left=base, color=colour, height=0.62, zorder=2)
        place = min(at, base) if side < 0 else max(at, base)
        align = "right" if side < 0 else "left"
        ax.annotate(plainly(value, bar.unit), (place, row), (4 * side, 0), textcoords="offset points", fontsize=6.8,
                    ha=align, va="center", color=FAINT)  # fmt: skip


def value_axis(ax: Axes, target: Target) -> None:
    """The target along the horizontal axis, with room for labels at both ends."""
    low, high = ax.get_xlim()
    ax.set_xlim(low - 0.09 * (high - low), high + 0.09 * (high - low))
    unit = unit_of(target)
    factor, suffix = unit.scale(max(abs(low), abs(high)))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x * factor:.6g}".replace("-", "−")))
    ax.set_xlabel(f"{suffix} {unit.text}".strip() or "number")
    ax.grid(axis="x", color=GRID)
    ax.grid(axis="y", visible=False)


@styled()
def indices_figure(found: Why) -> Figure:
    """Share of variance that the foremost numbers explain alone, by year, above the noise floor."""
    how = "Share of the variance (of the rank, over draws) that each number explains alone. Grey: not told from noise."
    figure = canvas((8.6, 4.4), f"What it hangs on by year: {found.target.name}", how, ground(found))
    ax = figure.add_axes((0.075, 0.15, 0.52, 0.66))
    own = found.indices
    years = np.array(own.years) + 1.0
    ax.axhspan(0, own.floor, color=FAINT, alpha=0.15, lw=0)
    foremost = sorted(own.shown, key=lambda p: -max(own.first[p]))[:SHOWN]
    for colour, path in zip(COLOURS, foremost, strict=False):
        ax.plot(years, np.maximum(own.first[path], 0.0), "o-", color=colour, lw=1.8, ms=3)
    top = max([own.floor, *(max(own.first[p]) for p in foremost)])
    ax.set_ylim(0, 1.12 * top)
    set_years(ax, years[0] - 0.2, years[-1] + 0.1)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.3g}"))
    ax.set_ylabel("%")
    ax.set_xlabel(YEARS)
    ends = [max(own.first[p][-1], 0.0) / (1.12 * top) for p in foremost]
    for path, colour, y in zip(foremost, COLOURS, apart(ends, [0.085] * len(ends)), strict=False):
        label = brief(found.labels[path], 52)
        ax.annotate(label, (1, y), (6, 0), "axes fraction", textcoords="offset points", fontsize=7.4, va="center",
                    color=colour)  # fmt: skip
    return figure


@styled()
def waterfall_figure(found: Attribution) -> Figure:
    """The way from one scenario to the other, one step for each difference, the smallest ones together."""
    steps = list(found.steps[:STEPS])
    if len(found.steps) > STEPS:
        left = found.steps[STEPS:]
        steps.append(Step("", f"{len(left)} smaller ones", "", "", sum(s.effect for s in left), 0.0))
    height = 1.35 + 0.36 * (len(steps) + 2)
    how = "Effect of each difference, averaged over all orders of making them (Shapley): they add up to the change."
    figure = canvas(
        (8.6, height), f"What changed it: {found.target.name}, end of {found.target.at}", how, ground(found)
    )
    ax = figure.add_axes((0.36, 0.62 / height, 0.57, 1 - 1.32 / height))
    reached = np.cumsum([found.start, *(s.effect for s in steps)])
    unit = unit_of(found.target)
    ends = [(0, found.start, found.a), (len(steps) + 1, found.end, found.b)]
    for row, value, _ in ends:
        ax.barh(row, value, color=FAINT, height=0.6, zorder=2)
        ax.annotate(unit.write(value), (value, row), (4, 0), textcoords="offset points", fontsize=7.5, va="center")
    for row, (step, before, after) in enumerate(zip(steps, reached[:-1], reached[1:], strict=True), start=1):
        ax.barh(row, after - before, left=before, color=LOW if after >= before else HIGH, height=0.6, zorder=2)
        ax.plot([before, before], [row - 1, row], color=FAINT, lw=0.7)
        ax.annotate(signed(unit, step.effect), (max(before, after), row), (4, 0), textcoords="offset points",
                    fontsize=7.5, va="center")  # fmt: skip
    names = [found.a, *(shorten(s.name, 40, placeholder="…") for s in steps), found.b]
    ax.set_yticks(range(len(names)), names, fontsize=7.8)
    ax.set_ylim(len(names) - 0.4, -0.6)
    value_axis(ax, found.target)
    return figure
