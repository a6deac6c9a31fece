"""Scenarios: small TOML files of differences from another scenario.

title = "Orders sized for tenfold growth, revenue one year late"
base  = "base"
use   = ["demand.Trend"]                 # takes the place of whatever gave the same signals
[set]
"trend.delay" = 1.0                      # or { value = 1.0, range = [0.5, 1.5], source = ["fact:..."] }
[lever]
"allocation.limit_growth" = { 2027-06 = 0.1 }   # in force from that month on
[hold]
output = { 2026-01 = 118000, 2030-12 = 130000 } # prescribed instead of computed, while dates last
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path as File
from typing import Any

import tomli_w

from gigawatt.core.entry import Entry, certain, check_bounds, entries, make_entry
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import entries_for
from gigawatt.core.path import Path, year_after, year_of
from gigawatt.core.scenario_file import SCHEMA, apply, check_schema, find_mechanism, flat, parse, read_file
from gigawatt.core.units import default_axes
from gigawatt.core.world import World


@dataclass(frozen=True)
class Scenario:
    """A resolved scenario: nothing is left to look up but the shipped entries it does not change."""

    name: str
    title: str
    begin: str
    end: str
    use: tuple[str, ...]
    steps_per_year: int = 12
    note: str = ""
    source: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    set: Mapping[str, Entry] = field(default_factory=dict)
    lever: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hold: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        years = year_after(self.end, "end") - year_of(self.begin, "begin")
        return round(years * self.steps_per_year)

    @cached_property
    def table(self) -> Mapping[str, Entry]:
        """All entries as this scenario has them."""
        found = dict(entries())
        for path, entry in self.set.items():
            for old in [p for p in found if p.startswith(path + ".") and path.count(".") == 1]:
                del found[old]  # one value for all labels replaces the values by label
            found[path] = entry
        return found

    def world(self) -> World:
        """Build and check the world. Raises InputError with place and cure."""
        table, axes = self.table, {**default_axes(), **self.axes}
        world = World([find_mechanism(name) for name in self.use], axes, table)
        known = world.numbers()
        for path in self.set:
            kind_path, label = split_label(path, known)
            if kind_path is None:
                raise InputError(f"scenario {self.name}: {unknown_number(path, world)}")
            kind = known[kind_path]
            if label is not None and (not kind.axes or label not in axes[kind.axes[0]]):
                labels = axes[kind.axes[0]] if kind.axes else ()
                raise InputError(
                    f"scenario {self.name}: '{kind_path}' has no label '{label}'.{did_you_mean(label, labels)}"
                )
        for path, behind in self.behind(world).items():
            for e in behind:
                check_bounds(e, known[path].unit.least, known[path].unit.greatest)
        return world

    def behind(self, world: World) -> Mapping[str, Sequence[Entry]]:
        """The entries behind each number of a world of this scenario, one or one per label: looked up once.

        Raises InputError where one is missing or in another unit.
        """
        key = (world.classes, world.labels)
        found = self._behind.get(key)
        if found is None:
            axes, table = world.axes, self.table
            found = {p: entries_for(p, kind, axes, table) for p, kind in world.numbers().items()}
            self._behind[key] = found
        return found

    @cached_property
    def _behind(self) -> dict[Any, Mapping[str, Sequence[Entry]]]:
        return {}

    def levers(self, world: World, year_ends: Any) -> dict[str, Any]:
        """Lever paths, (steps, ...) with NaN where the number keeps its own value."""
        for path in self.lever:
            if path.startswith("start."):
                where = f"scenario {self.name}: lever {path}"
                raise InputError(f"{where}: a start value counts before the first month only: put it under [set].")
        return self._paths(world, self.lever, world.numbers(), lambda p: p.steps(year_ends), "lever")

    def holds(self, world: World, year_ends: Any) -> dict[str, Any]:
        """Hold paths, (steps, ...) with NaN where the signal is computed."""
        return self._paths(world, self.hold, world.signals, lambda p: p.line(year_ends), "hold")

    def _paths(self, world: World, tables: Any, known: Any, values: Any, what: str) -> dict[str, Any]:
        import numpy as np

        found: dict[str, Any] = {}
        for path, table in tables.items():
            where = f"scenario {self.name}: {what} {path}"
            name, label = split_label(path, known)
            if name is None:
                things = "parameters" if what == "lever" else "signals"
                raise InputError(f"{where}: no such name.{did_you_mean(path, known)} `gigawatt {things}` lists them.")
            kind = known[name]
            shape = tuple(len(world.axes[a]) for a in kind.axes)
            labels = world.axes[kind.axes[0]] if kind.axes else ()
            if label is not None and label not in labels:
                raise InputError(f"{where}: no label '{label}'.{did_you_mean(label, labels)}")
            line = values(Path.read(table, where))
            bad = [v for v in table.values() if not kind.unit.least <= v <= kind.unit.greatest]
            if bad:
                raise InputError(
                    f"{where}: {bad[0]:g} {kind.unit.text} is out of bounds: allowed is "
                    f"{kind.unit.least:g} to {kind.unit.greatest:g}."
                )
            if name not in found:
                found[name] = np.full((len(line), *shape), np.nan)
            if label is None:
                found[name][...] = line.reshape(-1, *([1] * len(shape)))
            else:
                found[name][:, world.axes[kind.axes[0]].index(label)] = line
        return found

    def recipe(self) -> str:
        """The whole resolved scenario as TOML: `Scenario.of(text)` gives it back."""
        out: dict[str, Any] = {
            "schema": SCHEMA,
            "name": self.name,
            "title": self.title,
            "begin": self.begin,
            "end": self.end,
            "steps_per_year": self.steps_per_year,
            "use": list(self.use),
            "note": self.note,
            "source": list(self.source),
            "chain": list(self.chain),
            "axes": {k: list(v) for k, v in self.axes.items()},
            "set": {p: entry_table(e) for p, e in self.set.items()},
            "lever": {p: dict(t) for p, t in self.lever.items()},
            "hold": {p: dict(t) for p, t in self.hold.items()},
        }
        return tomli_w.dumps({k: v for k, v in out.items() if v not in ("", [], {})})

    @staticmethod
    def of(recipe: str, where: str = "recipe") -> "Scenario":
        """A resolved scenario from its recipe."""
        table = parse(recipe, where)
        check_schema(table, where)
        set_ = {p: make_entry(p, t, where) for p, t in table.get("set", {}).items()}
        plain = {k: table[k] for k in ("name", "title", "begin", "end", "steps_per_year", "note") if k in table}
        return Scenario(
            **plain,
            use=tuple(table["use"]),
            source=tuple(table.get("source", ())),
            chain=tuple(table.get("chain", ())),
            axes={k: tuple(v) for k, v in table.get("axes", {}).items()},
            set=set_,
            lever=table.get("lever", {}),
            hold=table.get("hold", {}),
        )

    def change(
        self,
        set: Mapping[str, Any] | None = None,
        lever: Mapping[str, Mapping[str, float]] | None = None,
        hold: Mapping[str, Mapping[str, float]] | None = None,
        use: Sequence[str] = (),
        end: str | None = None,
        where: str = "--set",
    ) -> "Scenario":
        """The scenario with further differences, as a file with this base would make it."""
        table = {"set": set or {}, "lever": lever or {}, "hold": hold or {}, "use": list(use)}
        if end is not None:
            table["end"] = end
        changed = apply(self, table, where)
        if not (set or lever or hold or use):
            return changed
        named = [f"{p} = {v['value'] if isinstance(v, Mapping) else v}" for p, v in flat(set or {}).items()]
        named += [f"{p} by date" for p in (*(lever or {}), *(hold or {}))] + list(use)
        name = self.name if self.name.endswith("-changed") else f"{self.name}-changed"
        return replace(changed, name=name, title=f"{self.title}; with {', '.join(named)}")

    def at_values(self) -> "Scenario":
        """The scenario with every number certain, at its value: only luck still differs from draw to draw."""
        used = [e for behind in self.behind(self.world()).values() for e in behind]
        both = {**self.set, **{e.path: certain(e, e.value) for e in used if e.uncertain}}
        in_order = dict(sorted(both.items(), key=lambda item: item[0].count(".")))  # labels after what they refine
        return replace(
            self, name=f"{self.name}-certain", title=f"{self.title}; every number at its value", set=in_order
        )


def entry_table(e: Entry) -> dict[str, Any]:
    out: dict[str, Any] = {"value": e.value, "unit": e.unit, "shape": e.shape, "grade": e.grade}
    if e.uncertain:
        out["range"] = [e.low, e.high]
    if e.bounds:
        out["bounds"] = list(e.bounds)
    return out | {k: v for k, v in {"source": list(e.source), "place": e.place, "note": e.note}.items() if v}


def load(name: "str | Scenario", _seen: tuple[str, ...] = ()) -> Scenario:
    """A scenario by shipped name or path of a TOML file, with its chain of bases resolved.

    Raises InputError for an unknown name, a cycle of bases, bad TOML, unknown keys.
    """
    if isinstance(name, Scenario):
        return name
    table, where, key = read_file(name, _seen)
    if key in _seen:
        raise InputError(f"scenario {name}: its bases form a cycle: {' -> '.join((*_seen, key))}. Change one 'base'.")
    check_schema(table, where)
    short = File(name).stem if name.endswith(".toml") else name
    if "base" not in table:
        for need in ("title", "begin", "end", "use"):
            if need not in table:
                raise InputError(f"{where}: has no '{need}': give it, or write base = 'base'.")
        parent = Scenario(short, table["title"], table["begin"], table["end"], ())
    else:
        base = str(table["base"])
        beside = File(where).parent / base if base.endswith(".toml") else None
        parent = load(str(beside) if beside else base, (*_seen, key))
    return replace(
        apply(parent, table, where),
        name=short,
        title=str(table.get("title", parent.title)),
        note=str(table.get("note", "")),
        source=tuple(table.get("source", ())),
        chain=(*parent.chain, short),
    )


def split_label(path: str, known: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """('start.revenue', 'OpenAI') from 'start.revenue.OpenAI'; (None, None) if no known number fits."""
    if path in known:
        return path, None
    for name in known:
        if path.startswith(name + "."):
            return name, path[len(name) + 1 :]
    return None, None


def unknown_number(path: str, world: World) -> str:
    """Say why a path is not a number of this world."""
    if path in entries():
        owner = path.partition(".")[0]
        return f"'{path}' belongs to '{owner}', which this scenario does not use: add it under 'use', or remove it."
    return f"no parameter '{path}'.{did_you_mean(path, world.numbers())} `gigawatt parameters` lists them."
