"""JSON Schema of scenario files: editors complete and check paths with meaning, unit and bounds."""

from collections.abc import Iterable
from typing import Any

from gigawatt.core.entry import GRADES, SHAPES
from gigawatt.core.mechanism import Mechanism, doc_of, gives, params, path_of
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import KEYS, SCHEMA
from gigawatt.core.units import Kind

TEXT = {"type": "string"}
NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
ENTRY = {
    "type": "object",
    "required": ["value"],
    "additionalProperties": False,
    "properties": {
        "value": {"type": ["number", "string"]},
        "unit": TEXT,
        "range": NUMBERS | {"description": "5th and 95th percentile"},
        "shape": {"enum": list(SHAPES)},
        "bounds": NUMBERS,
        "source": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
        "place": TEXT,
        "grade": {"enum": list(GRADES)},
        "note": TEXT,
    },
}


def schema() -> dict[str, Any]:
    """JSON Schema of scenario files over the base world; paths of other mechanisms are allowed, not described."""
    world = load("base").world()
    about = meanings(map(type, world.mechanisms), world.numbers())
    numbers = {path: f"{about[path]} [{kind}]" for path, kind in world.numbers().items()}
    forms: dict[str, dict[str, Any]] = {
        "schema": {"const": SCHEMA},
        "source": {"type": "array", "items": TEXT},
        "steps_per_year": {"enum": [12, 24, 48]},
        "use": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
        "add": {"type": "array", "items": {"type": "object", "required": ["use"]}},
        "set": tables({path: setting(text, world.numbers()[path]) for path, text in numbers.items()}),
        "lever": tables({path: dated(text, world.numbers()[path]) for path, text in numbers.items()}),
        "hold": tables({name: dated(f"{about[name]} [{kind}]", kind) for name, kind in world.signals.items()}),
        "axes": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gigawatt scenario",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: forms.get(key, TEXT) | {"description": text} for key, text in KEYS.items()},
        "$defs": {"entry": ENTRY},
    }


def meanings(owners: Iterable[type[Mechanism]], numbers: Iterable[str]) -> dict[str, str]:
    """What each signal and each number means, by name or dotted path; the last owner of a name has the word."""
    found: dict[str, str] = {}
    for m in owners:
        found |= {f"{path_of(m)}.{n}": doc_of(m, n) for n in params(m)} | {n: doc_of(m.Out, n) for n in gives(m)}
    starts = [path.removeprefix("start.") for path in numbers if path.startswith("start.")]
    return found | {f"start.{n}": f"At the start: {found.get(n, n.replace('_', ' '))}" for n in starts}


def tables(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def number(kind: Kind) -> dict[str, Any]:
    """A number within the bounds of its unit."""
    ends = {"minimum": kind.unit.least, "maximum": kind.unit.greatest}
    return {"type": "number"} | {word: x for word, x in ends.items() if abs(x) != float("inf")}


def setting(text: str, kind: Kind) -> dict[str, Any]:
    """A number, a text such as '1.5 year', a whole entry, or (per label) a table of these."""
    one = [number(kind), TEXT, {"$ref": "#/$defs/entry"}]
    by_label = [{"type": "object", "additionalProperties": {"anyOf": one}}] if kind.axes else []
    return {"description": text, "anyOf": one + by_label}


def dated(text: str, kind: Kind) -> dict[str, Any]:
    """Numbers by date."""
    return {
        "description": text,
        "type": "object",
        "patternProperties": {r"^\d{4}-\d{2}(-\d{2})?$": number(kind)},
        "additionalProperties": False,
    }
