"""The arrival as people read it: simulated and elicited chances on one axis, hazards beside, and a table in text."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gigawatt.study.arrival import CHANCES, Arrival, yearly_hazard
from gigawatt.view.draw import YEARS, footnote, heading, percent_scale
from gigawatt.view.style import COLOURS, INK, month_text, percent, styled

SIMULATION = COLOURS[0]
STYLES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))  # told apart where colours come round again
ROOM = 0.25  # years after the last date, for a mark
HOW = "blue: share of draws with its 90 % interval; thin: what people say; black: their pool"
GIVEN = "given that it had not come on the first date"


@styled()
def arrival_figure(result: Arrival) -> Figure:
    """Chances that the genius level has come, and the chance of each year in which it has not.

    result: from `gigawatt.study.arrival.arrival`.
    """
    figure = Figure(figsize=(11.0, 5.2))
    height = figure.get_figheight()
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
    figure.subplots_adjust(0.06, 1.3 / height, 0.985, 1 - 1.15 / height, wspace=0.2)
    results = {str(result.run.attrs["scenario"]): result.run}
    draw_chances(left, result)
    draw_hazards(right, result)
    figure.legend(
        *left.get_legend_handles_labels(),
        fontsize=8,
        frameon=False,
        ncols=5,
        loc="lower left",
        bbox_to_anchor=(0.05, 0.32 / height),
    )
    heading(figure, "When the genius level comes: simulated and said", results, HOW)
    footnote(figure, results)
    return figure


def looks(result: Arrival) -> dict[str, dict]:
    """Colour, width and dashes of every curve."""
    found: dict[str, dict] = {}
    for i, name in enumerate(result.curves):
        if name == "simulation":
            found[name] = {"color": SIMULATION, "lw": 2.0}
        elif i > len(result.fitted):
            found[name] = {"color": INK, "lw": 2.4}
        else:
            turn = i - 1
            colour = COLOURS[1 + turn % (len(COLOURS) - 1)]
            found[name] = {"color": colour, "lw": 1.2, "ls": STYLES[turn // (len(COLOURS) - 1) % len(STYLES)]}
    return found


def draw_chances(ax: Axes, result: Arrival) -> None:
    """Chance by date; a mark where a statement holds as said."""
    ax.fill_between(result.years, result.low, result.high, color=SIMULATION, alpha=0.16, lw=0)
    style = looks(result)
    for name, row in result.curves.items():
        ax.plot(result.years, row, label=name.replace("_", " "), **style[name])
    for f in result.fitted:
        if f.view.asked == result.years[0]:  # of an older view only what is left is drawn
            dates = f.view.asked + f.view.years
            seen = dates <= result.years[-1] + ROOM
            ax.plot(dates[seen], f.view.chances[seen], "o", ms=4, color=style[f.view.name]["color"])
    ax.set_title("Chance that it has come")
    percent_scale(ax, 0.0, 1.0, "%")
    ax.set_xlim(result.years[0], result.years[-1] + ROOM)
    ax.set_xlabel(YEARS)


def draw_hazards(ax: Axes, result: Arrival) -> None:
    """Hazard of each year among the worlds in which it has not come."""
    style = looks(result)
    tops = []
    for name, row in result.curves.items():
        years, hazard = yearly_hazard(result.years, row)
        ax.plot(years, hazard, **style[name])
        tops.append(hazard.max())
    ax.set_title("Hazard: rate of arrival where it has not come")
    ax.set_ylim(0.0, min(1.05 * max(tops), 3.0))
    ax.set_ylabel("1/year")
    ax.set_xlim(result.years[0], result.years[-1] + ROOM)
    ax.set_xlabel(YEARS)


def arrival_text(result: Arrival) -> str:
    """Dates by chance and chances by date of every curve, what contradicts what, and how it is meant."""
    ends = [year for year in (2027, 2030, 2035) if result.years[0] < year + 1 <= result.years[-1] + 1e-6]
    head = ("", *(f"{c:.0%}" for c in CHANCES), *(f"by end {year}" for year in ends))
    quantiles, chances = result.quantiles(), [result.by(year + 1.0) for year in ends]
    after = f"after {int(result.years[-1] - 1e-6)}"
    body = [
        (
            name,
            *(month_text(x) if np.isfinite(x) else after for x in quantiles[name]),
            *(percent(c[name]) for c in chances),
        )
        for name in result.curves
    ]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    table = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in (head, *body)]
    notes = [*result.contradictions, *(text for f in result.fitted for text in f.notes)]
    meant = f"Law: {result.law}; dates by chance, {GIVEN} ({month_text(result.years[0])})."
    return "\n".join([*table, "", meant, *notes])
