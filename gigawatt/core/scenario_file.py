"""The file format of scenarios: reading a TOML file, checking it, and laying its differences over a parent."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from gigawatt.core.entry import Entry, make_entry
from gigawatt.core.errors import InputError, did_you_mean, other_format
from gigawatt.core.mechanism import Mechanism, path_of
from gigawatt.core.path import year_after, year_of
from gigawatt.core.world import class_of, swapped

if TYPE_CHECKING:
    from gigawatt.core.scenario import Scenario

FORMATS = {1: "the first format"}  # what changed with each; a file of an older one is told
SCHEMA = max(FORMATS)
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


def scenario_names() -> dict[str, str]:
    """Names and titles of the shipped scenarios."""
    found = {}
    for file in sorted(resources.files("gigawatt").joinpath("scenarios").iterdir(), key=lambda f: f.name):
        if re.fullmatch(r"\w+\.toml", file.name):
            found[file.name[:-5]] = tomllib.loads(file.read_text(encoding="utf-8")).get("title", "")
    return found


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
        if re.fullmatch(r"\w+", name) and resources.files("gigawatt").joinpath("bets", f"{name}.toml").is_file():
            raise InputError(f"'{name}' is a bet, not a scenario: use `gigawatt plan {name}`.")
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
        raise InputError(f"{where}: {other_format('scenario', version, FORMATS)} Mend it and its schema.")


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
