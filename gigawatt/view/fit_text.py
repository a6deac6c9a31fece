"""A fit in words: numbers as people write them, the tables of the terminal, and the same as data for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Score
from gigawatt.view.tables import plain_table

DATES = ("calendar year", "year")  # units of a point in time, which is shown as a month
ERA = (1900.0, 2200.0)  # between these a number of such a unit is a point in time, not a length
SILENT = ("", "1", "calendar year")  # units that are not written beside a number


def number(x: float, unit: str = "", digits: int = 4) -> str:
    """Four significant digits: 0.3478, 482, 5.76e+23; a month where the unit is a date; a dash for no number."""
    if not np.isfinite(x):
        return "–"
    if unit in DATES and ERA[0] < x < ERA[1]:
        return month(x)
    text = f"{x:.{digits}g}" if abs(x) < 10**digits else f"{x:.0f}" if abs(x) < 1e6 else f"{x:.3g}"
    return text.replace("-", "−") if "e" not in text else text


def month(year: float) -> str:
    """The month in which a point in time lies: 2024.27 is in 2024-04."""
    months = int(np.floor(year * 12 + 1e-6))
    return f"{months // 12}-{months % 12 + 1:02d}"


def band(low: float, high: float, unit: str = "") -> str:
    """'0.333 to 0.363'; nothing where there is none."""
    if not (np.isfinite(low) and np.isfinite(high)) or low == high:
        return ""
    return f"{number(low, unit, 3)} to {number(high, unit, 3)}"


def unit_word(unit: str, value: float) -> str:
    """The unit as it is shown beside a value: nothing for a pure number or a month."""
    return "" if unit in SILENT or (unit in DATES and ERA[0] < value < ERA[1]) else unit


def published(e: Estimate) -> tuple[str, str, str]:
    """(value, interval with its kind, source) that others gave for this number; empty texts where nobody did."""
    if e.published is None:
        return "", "", ""
    p = e.published
    ends = band(p.low, p.high, e.unit)
    return number(p.value, e.unit), f"{ends} ({p.interval})" if ends and p.interval else ends, p.source


def text(fit: Fit) -> Group:
    """What a person reads in a terminal: law, method, data, estimates beside published values, notes, forecast."""
    about = {"law": fit.law, "method": fit.method, "data": fit.data, "until": fit.until}
    lines = [*meanings(fit), "", statistics(fit.statistics), *(f"Note: {note}" for note in fit.notes)]
    told: list[Text | Table] = [Text(f"{fit.name}: {fit.title}", style="bold")]
    told += [Text(f"{name:<7} {words}") for name, words in about.items() if words]
    told += [Text(), estimates_table(fit), *map(Text, lines)]
    if fit.held is not None:
        told += [Text(), held_table(fit.held), Text(verdict(fit.held, fit.until))]
    return Group(*told)


def estimates_table(fit: Fit) -> Table:
    """One row for each estimate, with the published value beside it."""
    table = plain_table("Estimates", ["unit", "value", f"{100 * LEVEL:.0f} %", "published", "interval", "source"], 8)
    for column in table.columns[-2:]:
        column.no_wrap, column.justify = False, "left"
    for e in fit.estimates:
        ours = (unit_word(e.unit, e.value), number(e.value, e.unit), band(e.low, e.high, e.unit))
        table.add_row(*map(Text, (e.name, *ours, *published(e))))
    return table


def meanings(fit: Fit) -> list[str]:
    """'name: meaning', and each reason for a difference from what is published once, with whom it concerns."""
    concerned: dict[str, list[str]] = {}
    for e in fit.estimates:
        if e.why:
            concerned.setdefault(e.why, []).append(e.name)
    reasons = [f"Difference of {', '.join(names)}: {sentence(why)}" for why, names in concerned.items()]
    return [*(f"{e.name}: {e.meaning.rstrip('.')}" for e in fit.estimates), *([""] if reasons else []), *reasons]


def sentence(words: str) -> str:
    """With a capital letter and a full stop."""
    words = words.strip()
    return words[:1].upper() + words[1:].rstrip(".") + "."


def statistics(found: Mapping[str, float]) -> str:
    """'n = 240; loss = 0.00102'."""
    return "; ".join(f"{name} = {number(float(value))}" for name, value in found.items())


def held_table(held: Score) -> Table:
    """Observations that the fit had not seen, beside what it said of them; '!' marks one outside of its band."""
    table = plain_table("Forecast of what was held out", ["at", "observed", "median", "50 %", "90 %", "CRPS"], 12)
    for i, x in enumerate(held.x):
        mark = {level: "yes" if inside[i] else "no" for level, inside in held.covered.items()}
        ends = f"{band(held.low[i], held.high[i])}{'' if mark[LEVEL] == 'yes' else ' !'}"
        name = held.label[i] if i < len(held.label) else ""
        values = (number(held.observed[i]), number(held.median[i]), mark[0.5], ends, number(held.crps[i], digits=3))
        table.add_row(*map(Text, (name, place(x), *values)))
    return table


def place(x: float) -> str:
    """Where an observation lies: a month if `x` is a calendar year, else the number."""
    return number(x, DATES[0])


def verdict(held: Score, until: str) -> str:
    """What the held-out points add up to, in a sentence."""
    n = len(held.x)
    covered = " and ".join(f"{round(n * held.coverage(k))} of {n} in the {100 * k:.0f} % band" for k in (0.5, LEVEL))
    return f"After {until}: {covered}; mean CRPS {number(float(np.mean(held.crps)), digits=3)} (lower is better)."


def as_data(fit: Fit, seed: int) -> dict[str, Any]:
    """The fit for programs: what was fitted and how, estimates, statistics, notes, held-out score, entries."""
    about = {key: getattr(fit, key) for key in ("name", "title", "law", "method", "data", "until")}
    return about | {
        "seed": seed,
        "estimates": [asdict(e) for e in fit.estimates],
        "statistics": dict(fit.statistics),
        "notes": list(fit.notes),
        "sources": list(fit.sources),
        "entries": fit.entries(),
        "held": None if fit.held is None else score_data(fit.held),
    }


def score_data(held: Score) -> dict[str, Any]:
    """A held-out score for programs: its points, coverage by level and the mean CRPS."""
    points = {key: getattr(held, key) for key in ("x", "observed", "median", "low", "high", "crps")}
    coverage = {f"{level:g}": held.coverage(level) for level in held.covered}
    return points | {"label": list(held.label), "coverage": coverage, "mean_crps": float(np.mean(held.crps))}
