"""Pictures of the build-out: what bounds orders month by month, and what could have been forecast of it."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gigawatt.core.observed import last_date
from gigawatt.core.path import year_of
from gigawatt.study import guidance
from gigawatt.study.buildout_hindcast import LEVELS, OWNERS, SERIES, Hindcast, Quarters, forecast, last_year_continued
from gigawatt.study.score import central_interval
from gigawatt.view.draw import YEARS, begin_of, end_labels, footnote, heading, percent_scale, set_years
from gigawatt.view.plots import check
from gigawatt.view.style import COLOURS, FAINT, INK, PAPER, percent, styled

BINDS = {"chips_bind": "chips", "power_binds": "power", "capital_binds": "capital", "demand_binds": "demand"}
NINE_TENTHS = 1.645  # standard deviations of a normal
AHEAD = np.linspace(0.05, 1.25, 40)  # years after the origin that a fan shows


@styled()
def binding_figure(result: xr.Dataset) -> Figure:
    """What orders are bound by, month by month: shares of the draws, stacked.

    Raises InputError where the result does not hold the signals of BINDS.
    """
    for signal in BINDS:
        check(result, signal)
    years = result["year"].values
    parts = np.stack([result[s].transpose("draw", "month").values.mean(axis=0) for s in BINDS])
    tops = np.cumsum(parts, axis=0)
    figure = Figure(figsize=(8.6, 3.6))
    ax = figure.add_axes((0.08, 0.2, 0.76, 0.55))
    rows = []
    for part, top, name, colour in zip(parts, tops, BINDS.values(), COLOURS, strict=False):
        ax.fill_between(years, top - part, top, color=colour, alpha=0.8, lw=0.6, ec=PAPER)
        rows.append((top[-1] - part[-1] / 2, f"{name} {percent(part[-1])}", colour))
    percent_scale(ax, 0.0, 1.0, "% of draws")
    set_years(ax, begin_of([result["chips_bind"]]), float(years[-1]))
    ax.set_xlabel(YEARS)
    ax.grid(False)
    end_labels(ax, rows)
    results = {str(result.attrs["scenario"]): result}
    how = "capital: that of owners and lenders, or the means of most buyers; demand: no limit stands in the way"
    heading(figure, "What bounds new orders of compute", results, how)
    footnote(figure, results)
    return figure


@styled()
def hindcast_figure(result: Hindcast, series: dict[str, Quarters], origin: str, seed: int = 0) -> Figure:
    """Each series with the fan of the forecast made at an origin, what came, and last year's growth; and all scores.

    result, series: from `gigawatt.study.buildout_hindcast`. Raises InputError for an origin before which too little
    was known.
    """
    known = {name: q.until(origin) for name, q in series.items()}
    at = {name: known[name].t[-1] + AHEAD for name in series}
    told = guidance.shipped().until(origin)
    drawn = forecast(known, at, seed, told)
    figure = Figure(figsize=(13.2, 4.6))
    axes = figure.subplots(1, len(series) + 1)
    figure.subplots_adjust(0.045, 0.15, 0.985, 0.76, wspace=0.3)
    for ax, (name, q) in zip(axes, series.items(), strict=False):
        draw_series(ax, q, known[name], at[name], drawn[name])
        ax.set_title(SERIES[name].replace(" [", "\n["), fontsize=9)
    draw_guidance(axes[list(series).index("capex")], guidance.ahead(told, OWNERS))
    draw_scores(axes[-1], result.of(origin=origin), origin)
    title = f"What could be said of the build-out on {origin}, and what came"
    figure.text(0.01, 0.96, title, fontsize=13, weight="bold", va="top", color=INK)
    how = "dots: known then; hollow: came later; dark band: half of the draws; light: nine in ten; dashed: last year's"
    how += " growth continued; bars: what owners had said, nine in ten"
    figure.text(0.01, 0.885, how, fontsize=8.5, va="top", color=FAINT)
    foot = f"chips of Nvidia and Google; Alphabet, Amazon, Meta, Microsoft; observations to {last_date()}; seed {seed}"
    figure.text(0.01, 0.02, foot, fontsize=6.8, color=FAINT)
    return figure


def draw_series(ax: Axes, every: Quarters, known: Quarters, at: np.ndarray, drawn: np.ndarray) -> None:
    """One series on a logarithmic axis from two years before the origin."""
    colour = COLOURS[0]
    for level, alpha in zip(sorted(LEVELS, reverse=True), (0.16, 0.26), strict=True):
        ax.fill_between(at, *central_interval(drawn, level), color=colour, alpha=alpha, lw=0)
    ax.plot(at, np.median(drawn, axis=0), color=colour, lw=1.8)
    grown = np.concatenate([known.t[-1:], at])
    ax.plot(grown, last_year_continued(known, grown), color=COLOURS[1], lw=1.3, ls=(0, (4, 2)))
    shown = every.t > known.t[-1] - 2.6
    later = every.t > known.t[-1] + 1e-6
    ax.plot(every.t[shown & ~later], every.value[shown & ~later], "o", ms=4.2, color=INK)
    ax.plot(every.t[later], every.value[later], "o", ms=4.4, mfc=PAPER, mec=INK, mew=1.0, zorder=4)
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ticks = [m * 10.0**k for k in range(-2, 4) for m in (1, 2, 5) if low <= m * 10.0**k <= high]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    set_years(ax, float(every.t[shown].min()) - 0.1, float(at[-1]) + 0.05)


def draw_guidance(ax: Axes, said: guidance.Pseudo) -> None:
    """What guidance says of quarters to come, with nine tenths of its error."""
    wide = np.exp(np.outer((-NINE_TENTHS, 0.0, NINE_TENTHS), said.error) + said.y)
    ax.vlines(said.t, wide[0], wide[2], color=COLOURS[2], lw=2.4, alpha=0.8, zorder=3)
    ax.plot(said.t, wide[1], "D", color=COLOURS[2], ms=5, zorder=3)


def draw_scores(ax: Axes, part: Hindcast, origin: str) -> None:
    """CRPS of each quarter: the model against last year's growth with the same width."""
    rows = np.arange(len(part.points))
    model, moved = (np.array([getattr(p, what) for p in part.points]) for what in ("crps", "crps_moved"))
    box = ax.get_position()
    ax.set_position((box.x0 + 0.035, box.y0, box.width - 0.035, box.height))
    ax.hlines(rows, model, moved, color=FAINT, lw=0.8)
    ax.plot(moved, rows, "s", color=COLOURS[1], ms=4.5, label="last year's growth, same width")
    ax.plot(model, rows, "o", color=COLOURS[0], ms=5.5, label="model")
    months = [round(12 * (year_of(p.date) - year_of(origin))) for p in part.points]
    ax.set_yticks(rows, [f"{p.series}, {m} months" for p, m in zip(part.points, months, strict=True)], fontsize=7.5)
    ax.set_ylim(len(rows) - 0.4, -0.18 * len(rows))  # room for the legend
    ax.set_xlim(0, None)
    ax.set_xlabel("CRPS (log): lower is better")
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.legend(fontsize=7.2, frameon=False, loc="upper right")
    ax.set_title("Score of each quarter", fontsize=9)
