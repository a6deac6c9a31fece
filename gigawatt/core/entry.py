"""Entries: every number with unit, range, source and grade, read from params/*.toml.

An entry gives a median and the 5th and 95th percentiles. Its distribution is the two-piece normal
through these three numbers, on a linear, logarithmic or logit scale:

    x(u) = T^-1( T(value) + z(u) * s ),   s = (T(value) - T(low)) / z95   below the median,
                                          s = (T(high) - T(value)) / z95  above it,

so that a symmetric range gives the plain normal, lognormal or logit-normal.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtri

from gigawatt.core.errors import InputError, did_you_mean

GRADES = ("measured", "fitted", "published", "stated", "judgement", "definition")
SHAPES = ("fixed", "normal", "lognormal", "logitnormal", "uniform")
FIELDS = ("value", "unit", "range", "shape", "bounds", "source", "place", "grade", "note")
Z95 = float(ndtri(0.95))

_SCALES = {
    "normal": (lambda x: x, lambda y: y),
    "lognormal": (np.log, np.exp),
    "logitnormal": (logit, expit),
}


@dataclass(frozen=True)
class Source:
    """Where a number was found."""

    key: str
    title: str
    who: str = ""
    date: str = ""
    address: str = ""
    read: str = ""
    licence: str = ""

    def __str__(self) -> str:
        return ". ".join(p for p in (self.who, self.title, self.date, self.address, self.licence) if p)


@dataclass(frozen=True)
class Entry:
    """A number with unit, range, sources and grade.

    `low` and `high` are the 5th and 95th percentiles (for shape `uniform`, the ends).
    """

    path: str
    value: float
    unit: str
    low: float
    high: float
    shape: str = "fixed"
    bounds: tuple[float, float] | None = None
    source: tuple[str, ...] = ()
    place: str = ""
    grade: str = "judgement"
    note: str = ""
    file: str = field(default="", compare=False)

    @property
    def uncertain(self) -> bool:
        return self.shape != "fixed"

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Values at probabilities `u` in (0, 1), cut at the bounds. Same shape as `u`, in the entry's unit."""
        u = np.asarray(u, float)
        if self.shape == "fixed" or self.low == self.high:
            return np.full_like(u, self.value)
        if self.shape == "uniform":
            return self.low + u * (self.high - self.low)
        to, back = _SCALES[self.shape]
        mid, z = to(self.value), ndtri(u)
        step = np.where(z < 0, mid - to(self.low), to(self.high) - mid) / Z95
        return np.clip(back(mid + z * step), *(self.bounds or (None, None)))


def make_entry(path: str, table: Mapping[str, Any], file: str = "", base: Entry | None = None) -> Entry:
    """Read one TOML table into an entry, checked.

    With `base`, keys that are missing come from it; a new value without a new range is taken as certain.
    Raises InputError naming file, path and cure.
    """
    where = f"{file}: {path}" if file else path

    def fail(why: str) -> InputError:
        return InputError(f"{where}: {why}")

    for key in table:
        if key not in FIELDS:
            raise fail(f"unknown key '{key}'.{did_you_mean(key, FIELDS)} Allowed: {', '.join(FIELDS)}.")
    if "value" not in table:
        raise fail("has no 'value': give one.")
    value = _number(table["value"], fail)
    unit = str(table.get("unit", base.unit if base else ""))
    if base and unit != base.unit:
        raise fail(f"is in {base.unit}, not in {unit}: convert the value and give it in {base.unit}.")
    if not unit:
        raise fail("has no 'unit': give one.")
    low, high = value, value
    if "range" in table:
        ends = table["range"]
        if not isinstance(ends, (list, tuple)) or len(ends) != 2:
            raise fail("'range' must be [5th percentile, 95th percentile].")
        low, high = (_number(x, fail) for x in ends)
    if not low <= value <= high:
        raise fail(f"value {value:g} is outside its own range {low:g} to {high:g}: mend one of them.")
    usual = base.shape if base and base.uncertain else "normal"
    shape = str(table.get("shape", usual if low < high else "fixed"))
    if base and "range" not in table:
        shape = "fixed"
    if shape not in SHAPES:
        raise fail(f"unknown shape '{shape}'.{did_you_mean(shape, SHAPES)} Allowed: {', '.join(SHAPES)}.")
    if shape == "lognormal" and low <= 0:
        raise fail("a lognormal needs positive value and range: use shape = 'normal'.")
    if shape == "logitnormal" and not 0 < low <= high < 1:
        raise fail("a logitnormal needs value and range strictly between 0 and 1.")
    bounds = table.get("bounds", base.bounds if base else None)
    if bounds is not None and not (isinstance(bounds, (list, tuple)) and len(bounds) == 2):
        raise fail("'bounds' must be [least, greatest].")
    grade = str(table.get("grade", base.grade if base else "judgement"))
    if grade not in GRADES:
        raise fail(f"unknown grade '{grade}'.{did_you_mean(grade, GRADES)} Allowed: {', '.join(GRADES)}.")
    source = table.get("source", base.source if base else ())
    if not isinstance(source, (str, list, tuple)):
        raise fail("'source' must be a list of keys, e.g. ['fact:ID'].")
    entry = Entry(
        path=path,
        value=value,
        unit=unit,
        low=low,
        high=high,
        shape=shape,
        bounds=None if bounds is None else (_number(bounds[0], fail), _number(bounds[1], fail)),
        source=(source,) if isinstance(source, str) else tuple(source),
        place=str(table.get("place", base.place if base else "")),
        grade=grade,
        note=str(table.get("note", "")),
        file=file,
    )
    check_bounds(entry)
    return entry


def _number(x: Any, fail: Any) -> float:
    if isinstance(x, bool) or not isinstance(x, (int, float)):
        raise fail(f"'{x}' is not a number.")
    if not abs(x) < np.inf:
        raise fail(f"{x} is not a usable value: give a finite number.")
    return float(x)


def check_bounds(entry: Entry, least: float = -np.inf, greatest: float = np.inf) -> None:
    """Raise InputError if the entry's value leaves its own bounds or those of its unit."""
    lo, hi = entry.bounds or (-np.inf, np.inf)
    lo, hi = max(lo, least), min(hi, greatest)
    for x in (entry.value, entry.low, entry.high):
        if not lo <= x <= hi:
            where = f"{entry.file}: {entry.path}" if entry.file else entry.path
            raise InputError(f"{where}: {x:g} {entry.unit} is out of bounds: allowed is {lo:g} to {hi:g}.")


def _flatten(table: Mapping[str, Any], file: str, prefix: str = "") -> dict[str, Mapping[str, Any]]:
    """{'a.b': {value: ...}} from nested TOML tables; a table with 'value' or no sub-table is a leaf."""
    out: dict[str, Mapping[str, Any]] = {}
    for key, item in table.items():
        path = f"{prefix}{key}"
        if isinstance(item, Mapping) and "value" not in item and any(isinstance(v, Mapping) for v in item.values()):
            out |= _flatten(item, file, path + ".")
        elif isinstance(item, Mapping):
            out[path] = item
        else:
            raise InputError(f"{file}: {path}: expected a table with value, unit, source and grade, found '{item}'.")
    return out


def read_entries(text: str, file: str) -> dict[str, Entry]:
    """All entries of one TOML text, by path."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: not valid TOML: {error}. Mend the file at that place.") from None
    return {path: make_entry(path, table, file) for path, table in _flatten(tables, file).items()}


NOT_ENTRIES = ("sources.toml", "facts.toml", "axes.toml", "correlations.toml")


@cache
def entries() -> dict[str, Entry]:
    """Every entry that ships with the package, by dotted path."""
    found: dict[str, Entry] = {}
    for file in sorted(resources.files("gigawatt").joinpath("params").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml") and file.name not in NOT_ENTRIES:
            for path, entry in read_entries(file.read_text(encoding="utf-8"), f"params/{file.name}").items():
                if path in found:
                    raise InputError(f"params/{file.name}: {path} is already given in {found[path].file}: remove one.")
                found[path] = entry
    return found


@cache
def sources() -> dict[str, Source]:
    """Every source that ships with the package, by key."""
    text = resources.files("gigawatt").joinpath("params/sources.toml").read_text(encoding="utf-8")
    keep = ("title", "who", "date", "address", "read", "licence")
    return {
        key: Source(key, **{k: str(v) for k, v in table.items() if k in keep})
        for key, table in tomllib.loads(text).items()
    }


def label_entries(table: Mapping[str, Entry], path: str, labels: tuple[str, ...]) -> list[Entry] | None:
    """The entry for each label: `path.label` where there is one, else `path` itself. None if any is missing."""
    found = [table.get(f"{path}.{label}", table.get(path)) for label in labels]
    return None if any(e is None for e in found) else [e for e in found if e is not None]


def certain(entry: Entry, value: float) -> Entry:
    """The entry at one certain value."""
    return replace(entry, value=value, low=value, high=value, shape="fixed")
