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

import importlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path as File
from typing import Any

import tomli_w

from gigawatt.core.entry import Entry, check_bounds, entries, make_entry
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import Mechanism, entries_for, path_of
from gigawatt.core.path import Path, year_after, year_of
from gigawatt.core.units import default_axes
from gigawatt.core.world import World, class_of, swapped

SCHEMA = 1  # raised when the meaning of a scenario file changes; older files are then told what changed
KEYS = {
    "schema": "version of this file format",
    "title": "one line that says what is different",
    "note": "reasons, in a sentence or two",
    "source": "keys of sources, or fact:ID",
    "base": "scenario that this one differs from",
    "begin": "first month, YYYY-MM",
    "end": "last month, YYYY-MM",
    "steps_per_year": "12, or 24 for half the step",
    "use": "mechanisms as module.Class or package.module:Class; each takes the place of what gave the same signals",
    "add": "mechanisms that give new signals: { use = ..., before = mechanism }",
    "set": "numbers by dotted path",
    "lever": "numbers that change on dates",
    "hold": "signals that are prescribed while dates last",
    "axes": "labels of an axis",
}


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

    @property
    def table(self) -> dict[str, Entry]:
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
        for path, kind in known.items():
            for e in entries_for(path, kind, axes, table):
                check_bounds(e, kind.unit.least, kind.unit.greatest)
        return world

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
        named = [f"{p} = {v['value'] if isinstance(v, Mapping) else v}" for p, v in (set or {}).items()]
        named += [f"{p} by date" for p in (*(lever or {}), *(hold or {}))] + list(use)
        name = self.name if self.name.endswith("-changed") else f"{self.name}-changed"
        return replace(changed, name=name, title=f"{self.title}; with {', '.join(named)}")


def entry_table(e: Entry) -> dict[str, Any]:
    out: dict[str, Any] = {"value": e.value, "unit": e.unit, "shape": e.shape, "grade": e.grade}
    if e.uncertain:
        out["range"] = [e.low, e.high]
    if e.bounds:
        out["bounds"] = list(e.bounds)
    return out | {k: v for k, v in {"source": list(e.source), "place": e.place, "note": e.note}.items() if v}


def scenario_names() -> dict[str, str]:
    """Names and titles of the shipped scenarios."""
    found = {}
    for file in sorted(resources.files("gigawatt").joinpath("scenarios").iterdir(), key=lambda f: f.name):
        if re.fullmatch(r"\w+\.toml", file.name):
            found[file.name[:-5]] = tomllib.loads(file.read_text(encoding="utf-8")).get("title", "")
    return found


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


def read_file(name: str, seen: tuple[str, ...]) -> tuple[dict[str, Any], str, str]:
    """(table, place for errors, identity) of a scenario by shipped name or file path."""
    if name.endswith(".toml"):
        file = File(name)
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"{name}: cannot be read ({error.strerror}): check the path.") from None
        except UnicodeDecodeError:
            raise InputError(f"{name}: is not UTF-8 text: save it as UTF-8.") from None
        return parse(text, name), name, str(file.resolve())
    shipped = resources.files("gigawatt").joinpath("scenarios", f"{name}.toml")
    if not re.fullmatch(r"\w+", name) or not shipped.is_file():
        who = f" (base of {File(seen[-1]).name})" if seen else ""
        raise InputError(
            f"no scenario '{name}'{who}.{did_you_mean(name, scenario_names())} "
            "`gigawatt scenarios` lists them; a file of your own ends in .toml."
        )
    where = f"scenarios/{name}.toml"
    return parse(shipped.read_text(encoding="utf-8"), where), where, name


def parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: not valid TOML: {error}. Mend the file there; it may be cut short.") from None


def check_schema(table: Mapping[str, Any], where: str) -> None:
    version = table.get("schema", SCHEMA)
    if version != SCHEMA:
        raise InputError(f"{where}: written for scenario format {version}, this is format {SCHEMA}: see CHANGELOG.md.")


def check_forms(table: Mapping[str, Any], where: str) -> None:
    """Raise InputError where a key holds a number or a text instead of a table or a list."""
    for key in ("set", "lever", "hold", "axes"):
        if not isinstance(table.get(key, {}), Mapping):
            raise InputError(f"{where}: '{key}' is no table: write [{key}] and the lines of it below.")
    lists = {key: table.get(key, []) for key in ("source", "add")}
    lists |= {"use": [table["use"]]} if isinstance(table.get("use"), str) else {"use": table.get("use", [])}
    for key, items in (lists | dict(table.get("axes", {}))).items():
        if not isinstance(items, list) or not all(isinstance(item, str) or key == "add" for item in items):
            raise InputError(f"{where}: '{key}' is no list of texts: write {key} = ['...', '...'].")


def apply(parent: Scenario, table: Mapping[str, Any], where: str) -> Scenario:
    """The parent with the differences of one table. Raises InputError naming `where`."""
    for key in table:
        if key not in KEYS:
            raise InputError(f"{where}: unknown key '{key}'.{did_you_mean(key, KEYS)} Allowed: {', '.join(KEYS)}.")
    check_forms(table, where)
    begin, end = str(table.get("begin", parent.begin)), str(table.get("end", parent.end))
    steps_per_year = table.get("steps_per_year", parent.steps_per_year)
    if year_after(end, f"{where}: end") <= year_of(begin, f"{where}: begin"):
        raise InputError(f"{where}: end {end} is before begin {begin}: give a later end.")
    if steps_per_year not in (12, 24, 48):
        raise InputError(f"{where}: steps_per_year is {steps_per_year}: use 12, 24 or 48.")
    use = parent.use
    if "use" in table:
        names = table["use"] if isinstance(table["use"], list) else [table["use"]]
        use = replaced(use, names) if use else tuple(names)
    for item in table.get("add", []):
        use = inserted(use, item, where)
    axes = {**parent.axes, **{k: tuple(v) for k, v in table.get("axes", {}).items()}}
    return replace(
        parent,
        begin=begin,
        end=end,
        steps_per_year=steps_per_year,
        use=use,
        axes=axes,
        set=merged(parent, table.get("set", {}), where),
        lever={**parent.lever, **path_tables(table.get("lever", {}))},
        hold={**parent.hold, **path_tables(table.get("hold", {}))},
    )


def merged(parent: Scenario, changes: Mapping[str, Any], where: str) -> dict[str, Entry]:
    """The parent's changed entries and these; a value without a range is certain."""
    table, out = parent.table, dict(parent.set)
    for path, value in flat(changes).items():
        base = table.get(path) or table.get(path.rpartition(".")[0])
        if base is None:  # one value for numbers that are given by label
            base = next((e for p, e in table.items() if p.startswith(path + ".")), None)
        if base is None and not (isinstance(value, Mapping) and "unit" in value):  # a full entry may be new
            raise InputError(
                f"{where}: no parameter '{path}'.{did_you_mean(path, table)} `gigawatt parameters` lists them."
            )
        item = value if isinstance(value, Mapping) else {"value": value}
        item = dict(item)
        if isinstance(item.get("value"), str):
            item = item | number_with_unit(item["value"], f"{where}: {path}")
        if not isinstance(value, Mapping) or "source" not in value:
            item.setdefault("place", f"set in {where}")
            item.setdefault("grade", "judgement")
            item.setdefault("source", [])
        for old in [p for p in out if p.startswith(path + ".")]:
            del out[old]
        out[path] = make_entry(path, item, where, base)
    return out


def number_with_unit(text: str, where: str) -> dict[str, Any]:
    """'1.5 year' -> value and unit."""
    number, _, unit = text.strip().partition(" ")
    try:
        value = float(number)
    except ValueError:
        raise InputError(f"{where}: '{text}' is not a number: write e.g. 1.5 or '1.5 year'.") from None
    return {"value": value} | ({"unit": unit.strip()} if unit.strip() else {})


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """[set.start.revenue.OpenAI] and "start.revenue.OpenAI" = ... to one dotted path."""
    out: dict[str, Any] = {}
    for key, item in table.items():
        if isinstance(item, Mapping) and "value" not in item:
            out |= flat(item, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = item
    return out


def path_tables(table: Mapping[str, Any], prefix: str = "") -> dict[str, dict[str, float]]:
    """Dated tables by dotted path, however deeply TOML nested them."""
    out: dict[str, dict[str, float]] = {}
    for key, item in table.items():
        if isinstance(item, Mapping) and any(isinstance(v, Mapping) for v in item.values()):
            out |= path_tables(item, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = item
    return out


def find_mechanism(name: str) -> type[Mechanism]:
    """'demand.Trend' or 'mypackage.tax:Taxed' -> the class. Raises InputError if there is none."""
    module, _, cls = name.partition(":") if ":" in name else name.rpartition(".")
    module = module if ":" in name else f"gigawatt.mechanisms.{module}"
    try:
        home = importlib.import_module(module)
    except (ImportError, TypeError, ValueError) as error:
        missing = getattr(error, "name", None) or module
        raise InputError(
            f"use = '{name}': no module '{missing}': write module.Class of gigawatt.mechanisms or package.module:Class."
        ) from None
    found = getattr(home, cls, None)
    if not (isinstance(found, type) and issubclass(found, Mechanism) and hasattr(found, "Out")):
        names = [n for n, m in vars(home).items() if isinstance(m, type) and hasattr(m, "Out")]
        raise InputError(f"use = '{name}': {module} has no mechanism '{cls}'.{did_you_mean(cls, names)}")
    return found


def replaced(use: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The list of names with each of `names` in place of those that give any of the same signals."""
    by_class = {find_mechanism(n): n for n in (*use, *names)}
    return tuple(
        by_class[class_of(c)] for c in swapped([find_mechanism(n) for n in use], [find_mechanism(n) for n in names])
    )


def inserted(use: tuple[str, ...], item: Any, where: str) -> tuple[str, ...]:
    if not isinstance(item, Mapping) or "use" not in item:
        raise InputError(f"{where}: add = [{{ use = 'module.Class', before = 'mechanism' }}] is the form.")
    places = [path_of(find_mechanism(n)) for n in use]
    before = item.get("before")
    if before is not None and before not in places:
        raise InputError(f"{where}: add before '{before}': no such mechanism.{did_you_mean(before, places)}")
    at = places.index(before) if before else len(use)
    return (*use[:at], item["use"], *use[at:])


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
