"""Controls: which numbers the page shows as levers and assumptions, with ranges, units and sources from the entries."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from gigawatt.core.entry import Entry, sources
from gigawatt.core.facts import facts
from gigawatt.core.mechanism import meta_of, params, path_of
from gigawatt.core.result import version
from gigawatt.core.scenario import split_label
from gigawatt.core.scenario_file import SCHEMA
from gigawatt.study.catalogue import Catalogue, reference
from gigawatt.study.explain import use_name
from gigawatt.web.answer import milestones
from gigawatt.web.recipe import LAST_MONTH, MOST_DRAWS, MOST_ENTRIES, known_scenario, shipped

DRAWS = {"drag": 500, "rest": 2000}
WIDER = 1.5  # how far a slider reaches beyond the 5-95 % range, as a multiple of its halves
MONEY = "constant USD of 2025"


@cache
def chosen() -> dict[str, Any]:
    """The choice of the page, from controls.toml."""
    return tomllib.loads(resources.files("gigawatt.web").joinpath("controls.toml").read_text(encoding="utf-8"))


def charts() -> list[str]:
    """Signals that the page shows by default."""
    return list(chosen()["charts"])


def model(scenario: str) -> dict[str, Any]:
    """Everything that the page must know of a scenario before it runs."""
    known_scenario(scenario)
    found, choice = Catalogue(scenario), chosen()
    return {
        "version": version(),
        "format": SCHEMA,
        "scenario": scenario,
        "data_date": data_date(),
        "money": MONEY,
        "begin": found.scenario.begin,
        "end": min(found.scenario.end, LAST_MONTH),
        "scenarios": scenarios(),
        "levers": listed(choice["lever"], found),
        "assumptions": listed(choice["assumption"], found),
        "signals": [signal_row(name, found) for name in found.world.signals],
        "charts": [name for name in charts() if name in found.world.signals],
        "milestones": [m for m in milestones() if m["signal"] in found.world.signals],
        "limits": {"draws": MOST_DRAWS, "entries": MOST_ENTRIES, "until": min(found.scenario.end, LAST_MONTH)},
        "draws": DRAWS,
        "not_good_for": list(choice["not_good_for"]),
        "presets": [name for name in choice["presets"] if name in shipped()],
    }


@cache
def data_date() -> str:
    """The newest observation that ships."""
    from gigawatt.core.observed import last_date

    return str(last_date())


@cache
def scenarios() -> list[dict[str, Any]]:
    from gigawatt.core.scenario import load

    found = [load(name) for name in shipped()]
    return [{"name": s.name, "title": s.title, "note": s.note, "source": list(s.source)} for s in found]


def listed(choice: Iterable[dict[str, Any]], found: Catalogue) -> list[dict[str, Any]]:
    """The chosen controls that this scenario has."""
    numbers = found.world.numbers()
    rows = []
    for item in choice:
        path, label = split_label(item["path"], numbers)
        if path is not None:
            about = {"label": item["short"], "group": item["group"], "does": item.get("does", "")}
            rows.append(control(path, label, found) | about)
    return rows


def control(path: str, label: str | None, found: Catalogue) -> dict[str, Any]:
    """One number as the page shows it: value, range, ends and scale of its slider, sources, place."""
    entries = found.entries(path)
    entry = next((e for e in entries if label is not None and e.path == f"{path}.{label}"), entries[0])
    least, most = slider(entry, found.kinds[path].unit.least, found.kinds[path].unit.greatest)
    owner = path.partition(".")[0]
    giver = found.mechanisms.get(owner)
    return {
        "path": path if label is None else f"{path}.{label}",
        "label": found.meaning[path],
        "meaning": found.meaning[path],
        "unit": entry.unit,
        "value": entry.value,
        "low": entry.low,
        "high": entry.high,
        "min": least,
        "max": most,
        "scale": "log" if logarithmic(entry) else "linear",
        "shape": entry.shape,
        "grade": entry.grade,
        "sources": [source_row(key) for key in entry.source],
        "place": entry.place,
        "note": entry.note,
        "mechanism": use_name(giver) if giver else "",
        "by_label": len(entries) > 1,
    }


def logarithmic(entry: Entry) -> bool:
    return entry.shape == "lognormal" and entry.low > 0.0 and entry.high / entry.low > 4.0


def slider(entry: Entry, least: float, greatest: float) -> tuple[float, float]:
    """Ends of a slider: the 5-95 % range and half as much again on each side, within what the number may be."""
    lo, hi = entry.bounds or (-np.inf, np.inf)
    lo, hi = max(lo, least), min(hi, greatest)
    low, high = entry.low, entry.high
    if low == high:  # taken as certain: room to think otherwise
        low, high = (0.0, 2.0 * entry.value) if entry.value > 0.0 else (entry.value - 1.0, entry.value + 1.0)
        return max(lo, low), min(hi, high)
    if logarithmic(entry):
        return (
            max(lo, entry.value * (low / entry.value) ** WIDER),
            min(hi, entry.value * (high / entry.value) ** WIDER),
        )
    return max(lo, entry.value + WIDER * (low - entry.value)), min(hi, entry.value + WIDER * (high - entry.value))


def source_row(key: str) -> dict[str, str]:
    """A source as the page cites it."""
    if key.startswith("fact:"):
        claim = facts().get(key[5:])
        return {"key": key, "title": reference(key), "address": str(getattr(claim, "address", "") or "")}
    source = sources().get(key)
    return {"key": key, "title": reference(key), "address": source.address if source else ""}


def signal_row(name: str, found: Catalogue) -> dict[str, Any]:
    kind, giver = found.world.signals[name], found.world.giver(name)
    return {
        "name": name,
        "label": found.meaning[name],
        "unit": kind.unit.text,
        "axes": list(kind.axes),
        "labels": {axis: list(found.world.axes[axis]) for axis in kind.axes},
        "headline": bool(meta_of(giver.Out, name, "headline")),
        "judgement": name in judged(found.scenario.name),
        "mechanism": use_name(giver),
    }


@cache
def judged(scenario: str) -> set[str]:
    """Signals whose own law rests on judgement: more than half of its uncertain numbers are of that grade."""
    found = Catalogue(scenario)
    out = set()
    for name in found.world.signals:
        giver = found.world.giver(name)
        own = [e for n in params(giver) for e in found.entries(f"{path_of(giver)}.{n}") if e.uncertain]
        if own and sum(e.grade == "judgement" for e in own) > len(own) / 2:
            out.add(name)
    return out


def every_number(scenario: str) -> dict[str, Any]:
    """Every number of a scenario, with what it is, where it comes from and who reads it; and the sources by key."""
    known_scenario(scenario)
    found = Catalogue(scenario)
    rows: list[dict[str, Any]] = []
    for path in found.world.numbers():
        owner, _, name = path.partition(".")
        users = found.starters(name) if owner == "start" else [m.__name__ for m in found.used if path_of(m) == owner]
        for e in found.entries(path):
            rows.append(
                {
                    "path": e.path,
                    "label": found.meaning[path],
                    "value": e.value,
                    "unit": e.unit,
                    "low": e.low,
                    "high": e.high,
                    "shape": e.shape,
                    "grade": e.grade,
                    "source": list(e.source),
                    "place": e.place,
                    "note": e.note,
                    "file": e.file,
                    "used_by": users,
                    "equation": equation(found, owner),
                }
            )
    keys = sorted({key for row in rows for key in row["source"]})
    return {"scenario": scenario, "numbers": rows, "sources": {key: source_row(key) for key in keys}}


def equation(found: Catalogue, owner: str) -> str:
    """The code behind a number: the mechanism as scenarios name it, whose equations stand above it in its module."""
    cls = found.mechanisms.get(owner)
    return use_name(cls) if cls else ""


def shown(name: str, scenario: str) -> list[dict[str, Any]]:
    """What `gigawatt explain --json` prints."""
    from gigawatt.study.explain import explain

    known_scenario(scenario)
    return [{"name": c.name, "what": c.what, "rows": [list(row) for row in c.rows]} for c in explain(name, scenario)]
