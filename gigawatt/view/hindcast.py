"""The hindcast as people read it: fans with what came, scores point by point, and a table in plain text."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gigawatt.study.hindcast import LEVELS, Hindcast, Point, Series
from gigawatt.view.draw import HOW_TO_READ, YEARS, fan, footnote, heading, log_scale, quantiles, set_years
from gigawatt.view.style import COLOURS, FAINT, INK, PAPER, Unit, styled, unit_of, unit_text

NAIVE = COLOURS[1]
DASHED = "dashed: last year's growth continued"
CAVEAT = "observed at year ends: run rates in dollars of 2025, chips of Nvidia and Google sold, largest run published"


@styled()
def hindcast_figure(result: Hindcast) -> Figure:
    """Five fans with observations and last year's growth continued, and the score of each point.

    result: from `gigawatt.study.hindcast.hindcast`.
    """
    figure = Figure(figsize=(13.2, 8.0))
    height = figure.get_figheight()
    grid = figure.subplots(2, 3)
    figure.subplots_adjust(0.06, 0.95 / height, 0.985, 1 - 1.25 / height, wspace=0.3, hspace=0.34)
    for ax, series in zip(grid.flat, result.series, strict=False):
        draw_series(ax, result, series)
    draw_scores(grid.flat[-1], result.points)
    for ax in grid.flat[: len(result.series)]:
        ax.set_xlabel(YEARS)
    results = {str(result.run.attrs["scenario"]): result.run}
    heading(figure, "What could be said at the end of 2023, and what came", results, f"{HOW_TO_READ}; {DASHED}")
    footnote(figure, results, [CAVEAT])
    return figure


def draw_series(ax: Axes, result: Hindcast, series: Series) -> None:
    """The model's fan, the naive continuation and the observations of one series, on a logarithmic axis."""
    signal = result.signal(series)
    years = signal["year"].values
    begin = float(2 * years[0] - years[1])
    after = np.concatenate([[0.0], years - begin])
    naive, seen = series.grown(after), np.array(list(series.observed.values()))
    fan(ax, signal, COLOURS[0])
    ax.plot(begin + after, naive, color=NAIVE, lw=1.3, ls=(0, (4, 2)))
    ax.plot(np.array(list(series.observed)) + 1.0, seen, "o", ms=4.2, mfc=PAPER, mec=INK, mew=1.0, zorder=4)
    low, *_, high = quantiles(signal)
    least = max(low.min(), seen.min() / 10)
    log_scale(ax, min(least, seen.min()) / 1.3, max(high.max(), naive.max()) * 1.3, unit_of(signal), unit_text(signal))
    set_years(ax, min(begin, min(series.observed) + 1.0) - 0.1, float(years[-1]) + 0.1)
    ax.set_title(series.name)


def draw_scores(ax: Axes, points: tuple[Point, ...]) -> None:
    """CRPS of each point: the model against last year's growth with the same width."""
    box = ax.get_position()  # room for the names of the points
    ax.set_position((box.x0 + 0.055, box.y0, box.width - 0.055, box.height))
    rows = np.arange(len(points))
    model, moved = (np.array([getattr(p, what) for p in points]) for what in ("crps", "crps_moved"))
    ax.hlines(rows, model, moved, color=FAINT, lw=0.8)
    ax.plot(moved, rows, "s", color=NAIVE, ms=4.5, label="last year's growth, same width")
    ax.plot(model, rows, "o", color=COLOURS[0], ms=5.5, label="model")
    ax.set_yticks(rows, [f"{p.series.replace(', industry', '')} {p.date[:4]}" for p in points], fontsize=7.2)
    ax.set_ylim(len(points) - 0.4, -0.6)
    ax.set_xlim(0, None)
    ax.set_xlabel("CRPS of the natural logarithm: lower is better")
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.legend(fontsize=7.5, frameon=False, loc="center right")
    ax.set_title("Score of each point")


def hindcast_text(result: Hindcast) -> str:
    """The ten points and what they add up to, as plain text."""
    head = ("series", "unit", "end of", "observed", "median", "50 %", "90 %", "continued", "CRPS", "cont.", "moved")
    body = [row for s in result.series for row in rows_of(s, unit_of(result.signal(s)), result.points)]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    table = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in (head, *body)]
    return "\n".join([*table, "", *verdict(result)])


def rows_of(series: Series, unit: Unit, points: tuple[Point, ...]) -> list[tuple[str, ...]]:
    """The cells of one series, one row a point; '!' marks a band that the observation is outside of."""

    def band(p: Point, level: float) -> str:
        low, high = p.bands[level]
        return f"{unit.write_range(low, p.median, high)}{'' if p.covered[level] else ' !'}"

    return [
        (
            *(p.series, unit.text, p.date[:4], unit.write(p.observed), unit.write(p.median)),
            *(band(p, level) for level in LEVELS),
            *(unit.write(p.naive), *(f"{x:.2f}" for x in (p.crps, p.crps_point, p.crps_moved))),
        )
        for p in points
        if p.series == series.name
    ]


def verdict(result: Hindcast) -> list[str]:
    """What the points add up to, in sentences."""
    n = len(result.points)
    covered = " and ".join(f"{round(n * result.coverage(k))} of {n} in the {100 * k:.0f} % band" for k in LEVELS)
    mean, bare, moved = (result.mean_crps(what) for what in ("crps", "crps_point", "crps_moved"))
    return [
        f"Observed: {covered} ('!': outside). Neighbouring points are not independent.",
        f"CRPS of the natural logarithm, mean {mean:.3f}; of last year's growth continued {bare:.3f} as a number",
        f"(cont.) and {moved:.3f} with the model's width (moved): ratios {mean / bare:.2f} and {mean / moved:.2f}. "
        f"The model is better at {result.wins('crps_point')} and {result.wins('crps_moved')} of {n} points.",
    ]
