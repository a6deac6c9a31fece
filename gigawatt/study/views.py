"""Views: what people said about a date, as small TOML files of stated chances.

person = "A. Forecaster"
asked  = "2026-02-13"
event  = "A country of geniuses in a data centre"
ceiling = 0.95                   # the most that can be claimed, if anything is held back
[[says]]
by     = 2                       # years from the day asked, or a date: "2034-12" is the end of that month
chance = 0.5                     # or [low, high]
"""

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.path import year_after, year_of

KEYS = ("title", "note", "person", "source", "asked", "event", "ceiling", "says")
SAYS = ("by", "chance", "source", "note")
LONGEST = 1000.0  # years; a larger number after `by` is taken for a date by whoever wrote it


@dataclass(frozen=True)
class Says:
    """One statement: the event comes within `years` of the day asked with a chance from `low` to `high`."""

    years: float
    low: float
    high: float
    words: str
    source: tuple[str, ...] = ()

    @property
    def chance(self) -> float:
        """The middle of what was stated. [probability]"""
        return 0.5 * (self.low + self.high)

    def __str__(self) -> str:
        return f"{span(self.low, self.high)} {self.words}"


@dataclass(frozen=True)
class View:
    """What one person says about one event. `asked` is a calendar year; `ceiling` is None where none was stated."""

    name: str
    person: str
    asked: float
    event: str
    says: tuple[Says, ...]
    ceiling: float | None = None
    source: tuple[str, ...] = ()
    title: str = ""
    note: str = ""

    @property
    def years(self) -> np.ndarray:
        """Years from the day asked, (statements,), rising."""
        return np.array([s.years for s in self.says])

    @property
    def chances(self) -> np.ndarray:
        """Stated chances or middles of ranges, (statements,)."""
        return np.array([s.chance for s in self.says])

    @property
    def ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest chance of each statement, (statements,) each."""
        return np.array([s.low for s in self.says]), np.array([s.high for s in self.says])


def span(low: float, high: float) -> str:
    """'0.9' or '0.95 to 0.99'."""
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


def view_names() -> dict[str, str]:
    """Names and titles of the shipped views."""
    files = sorted(resources.files("gigawatt").joinpath("views").iterdir(), key=lambda f: f.name)
    return {f.name[:-5]: tomllib.loads(f.read_text(encoding="utf-8"))["title"] for f in files if f.name[-5:] == ".toml"}


def load_view(name: str) -> View:
    """A view by shipped name or path of a TOML file. Raises InputError with place and cure."""
    if name.endswith(".toml"):
        where, file = name, Path(name)
    elif name in view_names():
        where, file = f"view {name}", Path(str(resources.files("gigawatt").joinpath("views", f"{name}.toml")))
    else:
        raise InputError(f"no view '{name}'.{did_you_mean(name, view_names())} Give a shipped name or a .toml file.")
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror}): check the path.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{where}: not TOML ({error}).") from None
    return parse_view(table, file.stem, where)


def parse_view(table: dict[str, Any], name: str, where: str) -> View:
    """A view from a table as in a file; `where` begins every complaint. Raises InputError."""
    known(table, KEYS, where)
    for key in ("person", "asked", "event"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise InputError(f'{where}: {key} is missing or not a text: write {key} = "...".')
    asked = year_of(table["asked"], f"{where}: asked")
    rows = table.get("says")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{where}: nothing is stated: add [[says]] with by and chance.")
    ceiling = table.get("ceiling")
    if ceiling is not None:
        ceiling = chance_of(ceiling, f"{where}: ceiling")
    says = tuple(sorted((statement(r, asked, f"{where}: says {n}") for n, r in enumerate(rows, 1)), key=in_time))
    for early, late in pairwise(says):
        if late.high < early.low or early.years == late.years:
            raise InputError(f"{where}: {early} and {late}: a chance cannot fall, nor be stated twice for one date.")
    words = {key: str(table.get(key, "")) for key in ("title", "note")}
    return View(
        name,
        table["person"],
        asked,
        table["event"],
        says,
        ceiling,
        sources(table, where),
        words["title"],
        words["note"],
    )


def statement(row: dict[str, Any], asked: float, where: str) -> Says:
    """One [[says]] of a file. Raises InputError."""
    known(row, SAYS, where)
    if "by" not in row or "chance" not in row:
        raise InputError(f"{where}: give both by and chance, e.g. by = 10 and chance = 0.9.")
    years, words = time_of(row["by"], asked, f"{where}: by")
    chance = row["chance"]
    if isinstance(chance, list) and len(chance) == 2:
        low, high = (chance_of(c, f"{where}: chance") for c in chance)
    else:
        low = high = chance_of(chance, f"{where}: chance")
    if low > high:
        raise InputError(f"{where}: chance runs from {low:g} down to {high:g}: write [low, high].")
    return Says(years, low, high, words, sources(row, where))


def time_of(by: Any, asked: float, where: str) -> tuple[float, str]:
    """Years from the day asked, and how a person says it: a number of years, or the end of 'YYYY-MM' or 'YYYY'."""
    if isinstance(by, str):
        date = f"{by}-12" if re.fullmatch(r"\d{4}", by) else by
        years = year_after(date, where) - asked
        if years <= 0:
            raise InputError(f"{where}: {by} is before the day asked ({asked:.2f}): give a later date.")
        return years, f"by {by}"
    if isinstance(by, bool) or not isinstance(by, int | float) or not 0 < by < LONGEST:
        raise InputError(f'{where}: {by!r} is not a time: give years above 0, or a date such as "2034-12".')
    return float(by), f"within {by:g} years" if by != 1 else "within 1 year"


def chance_of(value: Any, where: str) -> float:
    """A chance between zero and one: no law passes through certainty. Raises InputError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise InputError(f"{where}: {value!r} is not between 0 and 1: 90 per cent is 0.9, nearly certain 0.99.")
    return float(value)


def known(table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise InputError(f"{where}: unknown key '{key}'.{did_you_mean(key, keys)} Allowed: {', '.join(keys)}.")


def sources(table: dict[str, Any], where: str) -> tuple[str, ...]:
    found = table.get("source", [])
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise InputError(f'{where}: source is a list of keys, e.g. ["fact:p-ten-years"].')
    return tuple(found)


def in_time(one: Says) -> float:
    return one.years


def contradictions(views: tuple[View, ...]) -> tuple[str, ...]:
    """What cannot be true together, a sentence each: above the person's own ceiling, or two views of one person.

    Two views are compared where the same person was asked about the same event on the same day: the chance of
    the earlier date may not be above that of the later one, nor two chances of one date differ.
    """
    found = [above_ceiling(view, one) for view in views for one in view.says]
    same = [pair for pair in combinations(views, 2) if key_of(pair[0]) == key_of(pair[1])]
    found += [clash(a.person, first, second) for a, b in same for first in a.says for second in b.says]
    return tuple(dict.fromkeys(text for text in found if text))


def key_of(view: View) -> tuple[str, float, str]:
    return view.person, view.asked, view.event


def above_ceiling(view: View, one: Says) -> str:
    """The sentence for a statement that its own ceiling contradicts, or nothing."""
    if view.ceiling is None or one.high <= view.ceiling:
        return ""
    over = span(round(max(one.low - view.ceiling, 0.0), 12), round(one.high - view.ceiling, 12))
    return f"{view.name}: {view.person} says {one}, above the ceiling of {view.ceiling:g} stated as well, by {over}."


def clash(person: str, first: Says, second: Says) -> str:
    """The sentence for two statements of one person that cannot both hold, or nothing."""
    early, late = sorted((first, second), key=lambda one: (one.years, one.low))
    falls = early.low - late.high
    apart = late.low - early.high if early.years == late.years else 0.0
    if max(falls, apart) <= 0.0:
        return ""
    near, far = sorted((abs(late.low - early.high), abs(late.high - early.low)))
    return f"{person} says {early} and {late}: apart by {span(round(near, 12), round(far, 12))}."
