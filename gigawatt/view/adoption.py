"""Pictures of adoption: work handed over by segment, what it is worth by occupation, and where the months go before."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from gigawatt.core.entry import Entry, entries
from gigawatt.core.errors import InputError
from gigawatt.core.scenario import Scenario
from gigawatt.core.units import default_axes
from gigawatt.mechanisms.gates import GATES
from gigawatt.study.value import has_value, value_by_occupation, weights
from gigawatt.view.draw import YEARS, begin_of, end_labels, footnote, heading, percent_scale, set_years
from gigawatt.view.plots import check
from gigawatt.view.style import COLOURS, GRID, INK, PAPER, percent, styled

MONTHS = 12.0
WORDS = {
    "legal": "legal",
    "security": "security, compliance",
    "provisioning": "provisioning",
    "leadership": "leadership",
    "rollout": "staged roll-out",
    "change": "change management",
}


def adoption_figures(result: xr.Dataset) -> Iterator[tuple[str, str, Callable[[xr.Dataset], Figure]]]:
    """(file name, what it shows, how to draw it) of each picture that the result has the signals for."""
    if "done" in result and "automatable" in result:
        yield "segments", "Work that AI does by segment", segment_figure
        yield "gates", "Where the months go before adoption", gates_of
    if has_value(result):
        yield "occupations", "Value of work by occupation group", occupation_figure


@styled()
def segment_figure(result: xr.Dataset) -> Figure:
    """Share of the world's work that AI does, stacked by segment, beneath what models could do.

    Medians of the draws, each segment with its mean weight in the wage bill.
    Raises InputError where the result holds no `done` or `automatable`.
    """
    for signal in ("done", "automatable"):
        check(result, signal)
    segments = [str(x) for x in result["segment"].values]
    done = np.median(result["done"].transpose("draw", "month", "segment").values, axis=0)
    parts = weights(result).mean("draw").values * done
    tops, years = np.cumsum(parts, axis=1), result["year"].values
    ceiling = np.median(result["automatable"].transpose("draw", "month").values, axis=0)
    figure = Figure(figsize=(8.6, 4.9))
    ax = figure.add_axes((0.08, 0.15, 0.68, 0.66))
    rows = [(ceiling[-1], f"models can do {percent(ceiling[-1])}", INK)]
    for i, name in enumerate(segments):
        low, colour = tops[:, i] - parts[:, i], COLOURS[i % len(COLOURS)]
        ax.fill_between(years, low, tops[:, i], color=colour, alpha=0.8, lw=0.6, ec=PAPER)
        rows.append((low[-1] + parts[-1, i] / 2, f"{name} {percent(parts[-1, i])}", colour))
    ax.plot(years, ceiling, "--", color=INK, lw=1.2)
    percent_scale(ax, 0.0, 1.06 * max(ceiling.max(), tops.max()), "% of the world's work, by wages")
    set_years(ax, begin_of([result["done"]]), float(years[-1]))
    ax.set_xlabel(YEARS)
    end_labels(ax, rows)
    results = {str(result.attrs["scenario"]): result}
    heading(figure, "Work that AI does, by segment", results, "medians of the draws, stacked")
    footnote(figure, results)
    return figure


@styled()
def occupation_figure(result: xr.Dataset, year: int | None = None) -> Figure:
    """Wages by occupation group, the part that models can do, what is handed over and what is paid, at a year's end.

    Medians of the draws. Raises InputError as `value_by_occupation`.
    """
    found = value_by_occupation(result, year).sum("segment").median("draw") / 1000.0
    found = found.sortby("wages")
    names = [str(x) for x in found["occupation"].values]
    figure = Figure(figsize=(8.6, 6.6))
    ax = figure.add_axes((0.36, 0.13, 0.6, 0.7))
    shown = (
        ("wages", "wages", GRID, 0.8),
        ("can_do", "models can do", COLOURS[0], 0.8),
        ("handed_over", "AI does", COLOURS[1], 0.45),
        ("paid", "buyers pay", INK, 0.16),
    )
    for name, label, colour, height in shown:
        total = float(found[name].sum())
        ax.barh(names, found[name], height=height, color=colour, label=f"{label}: {total:.3g} tn")
    ax.set(xlabel="tn USD a year", ylim=(-0.6, len(names) - 0.4))
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", labelsize=7.6, length=0)
    ax.legend(frameon=False, loc="lower right")
    results = {str(result.attrs["scenario"]): result}
    at = value_year(result, year)
    heading(figure, f"What work is worth by occupation group, end of {at}", results, "medians of the draws, world")
    footnote(figure, results)
    return figure


def value_year(result: xr.Dataset, year: int | None) -> int:
    """The year that is shown: the last whole one if None."""
    return int(np.floor(float(result["year"].values[-1]) + 1e-6)) - 1 if year is None else year


def gates_of(result: xr.Dataset) -> Figure:
    """Where the months go in the scenario of a result: `gate_waterfall` of its entries."""
    scenario = Scenario.of(result.attrs["recipe"], "result")
    results = {str(result.attrs["scenario"]): result}
    return gate_waterfall(
        scenario.table, single=not any("GatedSegments" in name for name in scenario.use), results=results
    )


@styled()
def gate_waterfall(
    table: Mapping[str, Entry] | None = None,
    product: float = 1.0,
    single: bool = False,
    results: Mapping[str, xr.Dataset] | None = None,
) -> Figure:
    """Where the months go: the gates in series of each segment, as bars one after the other.

    table: entries by path, such as `load("base").table`; the entries of the package if None. product: how compelling
    the product is over today's; more shortens every gate. single: the world has one gate for each segment
    (`segments.gate`); its months are then split as those of the gates in series are. The speed of all diffusion
    shortens both. results: what runs with these entries the figure names, by scenario. Raises InputError where an entry
    of a gate is missing.
    """
    table = entries() if table is None else table
    segments = default_axes()["segment"]
    months = np.array([[value(table, f"gated_segments.{gate}.{s}") for s in segments] for gate in GATES])
    if single:
        months = months / months.sum(axis=0) * [value(table, f"segments.gate.{s}") for s in segments]
    months = months * MONTHS * product ** (-value(table, "gated_segments.elasticity")) / value(table, "segments.speed")
    figure = Figure(figsize=(8.6, 4.6))
    ax = figure.add_axes((0.12, 0.19, 0.85, 0.6))
    start = np.zeros(len(segments))
    for gate, line, colour in zip(GATES, months, COLOURS, strict=True):
        ax.barh(segments, line, left=start, height=0.62, color=colour, label=WORDS[gate], ec=PAPER, lw=0.8)
        start += line
    for row, total in enumerate(start):
        ax.annotate(f"{total:.1f}" if total < 10 else f"{total:.0f}", (total, row), xytext=(5, 0),
                    textcoords="offset points", va="center", color=INK)  # fmt: skip
    ax.set(xlabel="months of waiting, mean of each gate", xlim=(0.0, 1.08 * start.max()))
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.legend(frameon=False, loc="upper right")
    heading(figure, "Where the months go before adoption", results or {}, "each gate at its value")
    if results:
        footnote(figure, results)
    return figure


def value(table: Mapping[str, Entry], path: str) -> float:
    if path not in table:
        raise InputError(f"gate_waterfall: no entry '{path}': give the entries of a world with gates.")
    return float(table[path].value)
