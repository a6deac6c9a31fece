"""The scoreboard as people read it: scores beside the rival's, calibration, and the ledger of dates to come."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Group
from rich.table import Table
from rich.text import Text

from gigawatt.study.ledger import Forecast
from gigawatt.study.scoreboard import BINS, Board, Scoreboard
from gigawatt.view.style import COLOURS, FAINT, INK, PAPER, styled, unit_named
from gigawatt.view.tables import plain_table
from gigawatt.view.why import canvas

MODEL, RIVAL = COLOURS[:2]


def scoreboard_text(found: Scoreboard) -> Group:
    """A row for each hindcast, where the model loses, and the two ledgers."""
    heads = ["points", "CRPS", "bare", "same width", "in 50 %", "in 90 %", "better"]
    table = plain_table("Forecasts of the past: mean score of ln value (lower is better)", heads, 40)
    for board in (*found.boards, found.all):
        n = len(board.points)
        scores = [f"{board.mean(score):.3f}" for score in ("crps", "crps_point", "crps_moved")]
        inside = [f"{board.coverage(level):.0%}" for level in (0.5, 0.9)]
        table.add_row(board.title, str(n), *scores, *inside, f"{board.wins('crps_moved')} of {n}")
    told = (
        "'bare', 'same width': last year's growth continued, as a number and with the model's width; 'better': at how "
        "many points the model scored better than the latter. Neighbouring points are not independent."
    )
    ledgers = [ledger_table(own) for own in (found.ledger, found.nowcast)]
    return Group(table, Text(told), *map(Text, losses(found)), "", ledgers[0], "", ledgers[1])


def losses(found: Scoreboard) -> list[str]:
    """Where the rival was better, and what came outside the band that is said today, in sentences."""
    lost = [
        f"The model lost to last year's growth with the same width: {b.title} ({b.mean():.3f} against "
        f"{b.mean('crps_moved'):.3f})."
        for b in found.boards
        if b.ratio("crps_moved") > 1.0
    ]
    missed = [
        f"Missed already: {f.meaning}{f' of {f.label}' if f.label else ''} at the end of {f.at} was "
        f"{written(f.unit, f.signal, f.observed)}; {f.scenario} said {band(f)}."
        for f in (*found.ledger, *found.nowcast)
        if f.inside is False and f.observed is not None
    ]
    return lost + missed


def written(unit: str, signal: str, value: float) -> str:
    found = unit_named(unit, signal)
    return f"{found.write(value)} {found.text}".strip()


def band(f: Forecast) -> str:
    unit = unit_named(f.unit, f.signal)
    return f"{unit.write(f.p50)} ({unit.write_range(f.p05, f.p50, f.p95)})"


def ledger_table(ledger: Sequence[Forecast]) -> Table:
    """A row for each series: median and 5-95 % by date, and the table that will score it."""
    dates = list(dict.fromkeys(f.at for f in ledger))
    title = f"What {ledger[0].scenario} says of dates to come (median, 5-95 %; '=' what came)"
    table = plain_table(title, [*dates, "scored by"], 26)
    series = dict.fromkeys((f.meaning, f.label, f.unit, f.signal, f.file) for f in ledger)
    for meaning, label, unit, signal, file in series:
        own = {f.at: f for f in ledger if (f.meaning, f.label) == (meaning, label)}
        cells = [cell(own[at]) if at in own else "" for at in dates]
        text = unit_named(unit, signal).text
        name = Text(f"{meaning}{f' of {label}' if label else ''}") + Text(f", {text}" if text else "", style="dim")
        table.add_row(name, *cells, file.removesuffix(".csv"))
    return table


def cell(f: Forecast) -> str:
    unit = unit_named(f.unit, f.signal)
    came = f"\n= {unit.write(f.observed)}{'' if f.inside else ' !'}" if f.observed is not None else ""
    return f"{unit.write(f.p50)}\n{unit.write_range(f.p05, f.p50, f.p95)}{came}"


@styled()
def scoreboard_figure(found: Scoreboard) -> Figure:
    """Scores of the hindcasts beside the rival's, and where in the forecast what came has fallen."""
    how = "CRPS of the natural logarithm, mean over points: lower is better. Calibrated ones fill all fifths alike."
    rests = [f"{found.draws} draws, seed {found.seed}"]
    figure = canvas((9.6, 4.2), "How forecasts of the past have met what came", how, rests)
    draw_scores(figure.add_axes((0.335, 0.17, 0.27, 0.6)), found)
    draw_calibration(figure.add_axes((0.69, 0.17, 0.29, 0.6)), found.all)
    return figure


def draw_scores(ax: Axes, found: Scoreboard) -> None:
    boards = (*found.boards, found.all)
    rows = np.arange(len(boards))
    looks = (("crps", "o", MODEL, "model"), ("crps_moved", "s", RIVAL, "last year's growth, same width"),
             ("crps_point", "x", FAINT, "last year's growth, bare"))  # fmt: skip
    for score, mark, colour, label in looks:
        ax.plot([b.mean(score) for b in boards], rows, mark, color=colour, ms=6, label=label)
    ax.set_yticks(rows, [f"{b.title}\n({len(b.points)} points)" for b in boards], fontsize=7.8)
    ax.set_ylim(len(boards) - 0.4, -0.6)
    ax.set_xlim(0, None)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.legend(fontsize=7, frameon=False, loc="center right")
    ax.set_title("Score", fontsize=9)


def draw_calibration(ax: Axes, board: Board) -> None:
    x = (np.arange(BINS) + 0.5) / BINS
    ax.bar(x, board.calibration(), width=0.9 / BINS, color=MODEL, edgecolor=PAPER)
    ax.axhline(1.0 / BINS, color=INK, lw=1.0, ls=(0, (4, 2)))
    ax.set_xticks(np.linspace(0, 1, BINS + 1), [f"{100 * t:.0f} %" for t in np.linspace(0, 1, BINS + 1)])
    ax.set_yticks([0, 0.2, 0.4], ["0", "20 %", "40 %"])
    ax.set_xlabel("place in the forecast distribution")
    half, most = (f"{board.coverage(level):.0%}" for level in (0.5, 0.9))
    ax.set_title(f"In the 50 % band {half}, in the 90 % band {most}", fontsize=8)
