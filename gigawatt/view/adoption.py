"""Pictures of adoption: work handed over segment by segment, and where the months go before it."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from gigawatt.core.entry import Entry, entries
from gigawatt.core.errors import InputError
from gigawatt.core.units import default_axes
from gigawatt.mechanisms.gates import GATES
from gigawatt.view.draw import YEARS, begin_of, end_labels, footnote, heading, percent_scale, set_years
from gigawatt.view.plots import check
from gigawatt.view.style import COLOURS, INK, PAPER, percent, styled

MONTHS = 12.0
WORDS = {
    "legal": "legal",
    "security": "security, compliance",
    "provisioning": "provisioning",
    "leadership": "leadership",
    "rollout": "staged roll-out",
    "change": "change management",
}


@styled()
def segment_figure(result: xr.Dataset) -> Figure:
    """Share of the world's work that AI does, stacked by segment, beneath what models could do.

    Medians of the draws, each segment with its weight in the wage bill as the run's entries have it.
    Raises InputError where the result holds no `done` or `automatable`.
    """
    for signal in ("done", "automatable"):
        check(result, signal)
    segments = [str(x) for x in result["segment"].values]
    parts = weights(result, segments) * np.median(result["done"].transpose("draw", "month", "segment").values, axis=0)
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


def weights(result: xr.Dataset, segments: list[str]) -> np.ndarray:
    """Weights of the segments in the wage bill at their central values, adding to one."""
    table = entries()
    raw = np.array([table[f"segments.weight.{s}"].value for s in segments])
    return raw / raw.sum()


@styled()
def gate_waterfall(table: Mapping[str, Entry] | None = None, product: float = 1.0) -> Figure:
    """Where the months go: the gates in series of each segment, as bars one after the other.

    table: entries by path, such as `load("base").table`; the entries of the package if None. product: how compelling
    the product is over today's; more shortens every gate. Raises InputError where an entry of a gate is missing.
    """
    table = entries() if table is None else table
    segments = default_axes()["segment"]
    faster = product ** (-value(table, "elasticity"))
    figure = Figure(figsize=(8.6, 4.2), layout="constrained")
    ax = figure.subplots()
    start = np.zeros(len(segments))
    for gate, colour in zip(GATES, COLOURS, strict=True):
        months = np.array([MONTHS * faster * value(table, f"{gate}.{s}") for s in segments])
        ax.barh(segments, months, left=start, height=0.62, color=colour, label=WORDS[gate], ec=PAPER, lw=0.8)
        start += months
    for row, total in enumerate(start):
        ax.annotate(f"{total:.1f}" if total < 10 else f"{total:.0f}", (total, row), xytext=(5, 0),
                    textcoords="offset points", va="center", color=INK)  # fmt: skip
    ax.set(xlabel="months of waiting, mean of each gate", xlim=(0.0, 1.08 * start.max()))
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.legend(frameon=False, loc="upper right")
    ax.set_title("Where the months go", loc="left")
    return figure


def value(table: Mapping[str, Entry], name: str) -> float:
    path = f"gated_segments.{name}"
    if path not in table:
        raise InputError(f"gate_waterfall: no entry '{path}': give the entries of a world with gates.")
    return float(table[path].value)
