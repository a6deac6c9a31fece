"""What a scenario is made of, as lists: its numbers, its signals, its references."""

import inspect
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import gigawatt.mechanisms
from gigawatt.core.entry import GRADES, Entry, sources
from gigawatt.core.facts import facts
from gigawatt.core.mechanism import Mechanism, entries_for, keyword_names, meta_of, params, path_of, reads
from gigawatt.core.queue import Delay, outstanding_reads, posted
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.schema import meanings


class Catalogue:
    """A scenario and its world, to look things up in.

    mechanisms: by the first part of their paths; shipped ones that the scenario does not use are included.
    kinds: every number by dotted path, meaning: what it or a signal means, likewise.
    """

    def __init__(self, scenario: str | Scenario):
        self.scenario = load(scenario)
        self.world = self.scenario.world()
        self.table = self.scenario.table
        self.used = [type(m) for m in self.world.mechanisms]
        self.mechanisms = shipped_mechanisms() | {path_of(m): m for m in self.used}
        others = {f"{path}.{n}": kind for path, m in self.mechanisms.items() for n, kind in params(m).items()}
        self.kinds = {**others, **self.world.numbers()}
        self.meaning = meanings([*self.mechanisms.values(), *self.used], self.kinds)

    def entries(self, path: str) -> list[Entry]:
        """The entries behind a number, each once."""
        return list(dict.fromkeys(entries_for(path, self.kinds[path], self.world.axes, self.table)))

    def readers(self, signal: str) -> list[str]:
        """Mechanisms in use that read a signal in the month in which it is given."""
        return [m.__name__ for m in self.used if signal in reads(m)]

    def later_readers(self, signal: str) -> list[str]:
        """Mechanisms in use that read a signal a month later, or post it and give it back after a delay."""
        delays = [m for m in self.used if issubclass(m, Delay) and signal in posted(m).values()]
        return [m.__name__ for m in self.used if f"prev_{signal}" in reads(m) or m in delays]

    def starters(self, start: str) -> list[str]:
        """Mechanisms in use that need a start value: last month's signal at first, or to derive others from it."""
        begin = {m: keyword_names(m.begin) if hasattr(m, "begin") else [] for m in self.used}
        rest = {m: outstanding_reads(m) if issubclass(m, Delay) else [] for m in self.used}
        return [m.__name__ for m in self.used if f"prev_{start}" in reads(m) or start in [*begin[m], *rest[m]]]


@cache
def shipped_mechanisms() -> dict[str, type[Mechanism]]:
    """All mechanism classes of the package, by the first part of their paths."""
    modules = [import_module(f"gigawatt.mechanisms.{info.name}") for info in iter_modules(gigawatt.mechanisms.__path__)]
    found = [m for module in modules for m in vars(module).values() if inspect.isclass(m)]
    return {path_of(m): m for m in found if issubclass(m, Mechanism) and "Out" in vars(m)}


def parameters(scenario: str | Scenario = "base") -> list[dict[str, Any]]:
    """One row per number of a scenario; low and high are the 5th and 95th percentiles."""
    found = Catalogue(scenario)
    return [
        {
            "path": e.path,
            "meaning": found.meaning[path],
            "unit": e.unit,
            "value": e.value,
            "low": e.low,
            "high": e.high,
            "grade": e.grade,
            "source": list(e.source),
        }
        for path in found.world.numbers()
        for e in found.entries(path)
    ]


def signals(scenario: str | Scenario = "base") -> list[dict[str, Any]]:
    """One row per signal of a scenario, in the order in which a month gives them."""
    found = Catalogue(scenario)
    return [
        {
            "name": name,
            "meaning": found.meaning[name],
            "unit": kind.unit.text,
            "axes": list(kind.axes),
            "given_by": found.world.giver(name).__name__,
            "read_by": found.readers(name),
            "read_later_by": found.later_readers(name),
            "headline": bool(meta_of(found.world.giver(name).Out, name, "headline")),
        }
        for name, kind in found.world.signals.items()
    ]


@dataclass(frozen=True)
class Reference:
    """A source in use, in words, and how many numbers come from it."""

    key: str
    text: str
    numbers: int


@dataclass(frozen=True)
class Citation:
    """The references of a scenario, and its numbers counted by grade."""

    scenario: str
    grades: dict[str, int]
    references: tuple[Reference, ...]

    @property
    def summary(self) -> str:
        return ", ".join(f"{count} {grade}" for grade, count in self.grades.items())

    def __str__(self) -> str:
        lines = [f"{r.numbers:5d}  {r.key}: {r.text}" for r in self.references]
        count = len(self.references)
        head = f"{self.scenario}: {self.summary}; {count} references, each after the count of its numbers"
        return "\n".join([head, *lines])


def cite(scenario: str | Scenario = "base") -> Citation:
    """The references behind the numbers of a scenario, those of most numbers first."""
    found = load(scenario)
    rows = {row["path"]: row for row in parameters(found)}.values()
    grades = Counter(row["grade"] for row in rows)
    uses = Counter(key for row in rows for key in row["source"])
    keys = sorted({*uses, *found.source}, key=lambda key: (-uses[key], key))
    return Citation(
        found.name,
        {grade: grades[grade] for grade in GRADES if grades[grade]},
        tuple(Reference(key, reference(key), uses[key]) for key in keys),
    )


def reference(key: str) -> str:
    """A source key, or 'fact:ID', in words."""
    if key.startswith("fact:"):
        claim = facts().get(key[5:])
        return f"{claim.who}, {claim.source}: {claim.claim}" if claim else "not in params/facts.toml"
    return str(sources().get(key, "not in params/sources.toml"))
