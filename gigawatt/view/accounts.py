"""Pictures of the accounts: from revenue to income step by step, and the view by model beside that by company.

Medians do not add up, means do. So each bar is a mean, over the tenth of the draws whose profit in that year lies
nearest the median: a middle world whose lines add up.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.study.events import ends_of_years
from gigawatt.view.draw import footnote, heading, linear_scale, percent_scale
from gigawatt.view.style import COLOURS, FAINT, INK, styled, unit_of

MIDDLE = 0.1  # share of the draws that a bar is the mean of
HOW = "bars: means over the tenth of the draws nearest the median profit of the year, so that they add up"
COSTS = {  # signal -> what it is called
    "serving_cost": "serving",
    "training_cost": "training",
    "selling_costs": "selling",
    "staff_costs": "staff",
}
WATERFALL = ("revenue", *COSTS, "profit", "interest", "tax")
SHOWN = {"By model: charged with its own training": "charge", "Company: pays for the next training": "training_cost"}
VIEWS = ("revenue", *COSTS, "charge", "profit")


def of_year(ds: xr.Dataset, names: Sequence[str], lab: str | None, year: int) -> dict[str, float]:
    """Mean of each signal over the months of a year and the middle draws by profit; the sum over labs if no lab.

    Raises InputError for a signal, a lab or a year that is not there.
    """
    for name in names:
        if name not in ds:
            raise InputError(f"accounts: the result holds no signal '{name}': run with keep='all'.")
    if lab is not None and lab not in ds["lab"]:
        raise InputError(f"accounts: no lab '{lab}'.{did_you_mean(lab, [str(x) for x in ds['lab'].values])}")
    months = np.floor(ds["year"].values - 1e-6) == year
    if not months.any():
        raise InputError(
            f"accounts: no year {year}: choose one of {', '.join(map(str, ends_of_years(ds['year'].values)))}."
        )

    def by_draw(name: str) -> np.ndarray:
        part = ds[name].isel(month=np.flatnonzero(months)).mean("month")
        return (part.sum("lab") if lab is None else part.sel(lab=lab)).values

    profit = by_draw("profit")
    size = max(1, round(MIDDLE * len(profit)))
    middle = np.argsort(np.abs(profit - np.median(profit)), kind="stable")[:size]
    return {name: float(by_draw(name)[middle].mean()) for name in names}


def signed(x: float, places: int) -> str:
    """A number with its sign; nothing is nothing."""
    text = f"{x:+.{places}f}"
    return "0" if float(text) == 0.0 else text.replace("-", "−")


def whose(lab: str | None) -> str:
    return "all labs" if lab is None else lab


@styled()
def waterfall(ds: xr.Dataset, year: int, lab: str | None = None) -> Figure:
    """From revenue to net income in one year, of one lab or of all.

    Raises InputError for a signal, a lab or a year that is not there.
    """
    flow = of_year(ds, WATERFALL, lab, year)
    steps = [("revenue", flow["revenue"], "sum"), ("serving", -flow["serving_cost"], "cost")]
    steps += [("gross profit", flow["revenue"] - flow["serving_cost"], "sum")]
    steps += [(words, -flow[name], "cost") for name, words in COSTS.items() if name != "serving_cost"]
    steps += [("profit", flow["profit"], "sum")]
    taken = flow["interest"] + flow["tax"]
    steps += [("interest, tax", -taken, "cost"), ("net income", flow["profit"] - taken, "sum")]
    figure = Figure(figsize=(8.6, 4.9))
    ax = figure.add_axes((0.09, 0.17, 0.89, 0.62))
    level, ends = 0.0, [0.0]
    for i, (_, amount, kind) in enumerate(steps):
        foot = 0.0 if kind == "sum" else level
        colour = COLOURS[1] if kind == "cost" else COLOURS[0] if amount >= 0 else COLOURS[3]
        ax.bar(i, amount, 0.62, bottom=foot, color=colour, alpha=0.85)
        top = foot + amount
        if i + 1 < len(steps):
            ax.plot([i + 0.31, i + 0.69], [top, top], color=FAINT, lw=0.8)
        level = top
        ends += [foot, top]
    low, high = min(ends), 1.04 * max(ends)
    low -= 0.04 * (high - low) if low < 0.0 else 0.0
    linear_scale(ax, low, high, ds["revenue"])
    factor, _ = unit_of(ds["revenue"]).scale(max(high, -low))  # of the axis, so that both speak of the same unit
    places = max(0, 2 - int(np.floor(np.log10(max(*ends, -min(ends)) * factor))))  # three digits of the largest
    for i, (_, amount, _) in enumerate(steps):
        foot, top = sorted((ends[2 * i + 1], ends[2 * i + 2]))
        at, side = (foot, "top") if top <= 0.0 and amount < 0.0 else (top, "bottom")  # clear of the line at nothing
        text = signed(amount * factor, places).lstrip("+")
        ax.annotate(text, (i, at), (0, 2 if side == "bottom" else -2), textcoords="offset points", ha="center", va=side)
    ax.set_xticks(range(len(steps)), [words for words, _, _ in steps])
    ax.grid(axis="x", visible=False)
    results = {str(ds.attrs["scenario"]): ds}
    heading(figure, f"From revenue to net income, {whose(lab)}, {year}", results, HOW)
    footnote(figure, results)
    return figure


@styled()
def two_views(ds: xr.Dataset, lab: str | None = None) -> Figure:
    """Costs per revenue by year, by model and for the company: the same serving, selling and staff, another training.

    By model, what sells is charged with what it cost to make; the company pays for the model that comes next.
    Raises InputError for a signal or a lab that is not there.
    """
    years = list(ends_of_years(ds["year"].values))
    flows = [of_year(ds, VIEWS, lab, year) for year in years]
    figure = Figure(figsize=(9.3, 4.9))
    grid = figure.subplots(1, 2, sharey=True)
    figure.subplots_adjust(0.09, 0.23, 0.985, 0.74, wspace=0.06)
    tops = []
    for ax, (title, training) in zip(grid, SHOWN.items(), strict=True):
        handles, costs = stacked(ax, years, flows, training)
        ax.set_title(title)
        tops.append(costs.max())
    percent_scale(grid[0], 0.0, 1.04 * max(1.0, *tops), "costs, % of revenue")
    words = [str(handle.get_label()) for handle in handles]
    figure.legend(handles, words, loc="lower center", ncol=5, frameon=False, bbox_to_anchor=(0.53, 0.07))
    results = {str(ds.attrs["scenario"]): ds}
    heading(figure, f"The same money told twice, {whose(lab)}", results, HOW)
    footnote(figure, results)
    return figure


def stacked(
    ax: Axes, years: Sequence[int], flows: Sequence[Mapping[str, float]], training: str
) -> tuple[list[Any], np.ndarray]:
    """Costs per revenue, one on the other, with profit per revenue above; what a legend names, and all costs."""
    handles: list[Any] = []
    foot = np.zeros(len(years))
    colours = (COLOURS[4], COLOURS[5], COLOURS[3], COLOURS[1])
    parts = {name: words for name, words in COSTS.items() if name != "training_cost"} | {training: "training"}
    for colour, (name, words) in zip(colours, parts.items(), strict=True):
        size = np.array([f[name] / max(f["revenue"], 1e-9) for f in flows])
        handles.append(ax.bar(years, size, 0.7, bottom=foot, color=colour, alpha=0.85, label=words))
        foot += size
    handles += ax.plot([years[0] - 0.6, years[-1] + 0.6], [1.0, 1.0], color=INK, lw=1.2, label="revenue")
    for year, costs in zip(years, foot, strict=True):
        text = signed(100 * (1 - costs), 0)
        ax.annotate(
            text, (year, max(costs, 1.0)), (0, 2), textcoords="offset points", ha="center", fontsize=7.2, color=INK
        )
    ax.set_xticks(years, [str(y) if i % 2 == 0 or len(years) < 7 else "" for i, y in enumerate(years)])
    ax.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    ax.set_xlabel("numbers above: profit, % of revenue")
    return handles, foot
