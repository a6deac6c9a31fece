"""The register of claims: what was said, by whom, when and where (`params/facts.toml`)."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from gigawatt.core.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Fact:
    """One claim. Numbers are in `unit`; what the register leaves out is None.

    The numbers are typed Any: who reads one knows that it is there, and arithmetic on None fails at once.
    """

    id: str
    system: str
    claim: str
    who: str
    source: str
    model_use: str
    as_of: str | None = None
    about: str | None = None
    unit: str | None = None
    value: Any = None
    low: Any = None
    high: Any = None
    probability: Any = None
    probability_low: Any = None
    probability_high: Any = None
    core: bool = False
    conflict: str | None = None


@cache
def facts() -> dict[str, Fact]:
    """All claims of the register by id, read once."""
    text = files("gigawatt").joinpath("params", "facts.toml").read_text(encoding="utf-8")
    known = {field.name for field in fields(Fact)}
    rows = tomllib.loads(text)["fact"]
    return {row["id"]: Fact(**{name: row[name] for name in row if name in known}) for row in rows}


def fact(id: str) -> Fact:
    """The claim with this id."""
    if id not in facts():
        raise InputError(f"No fact '{id}' in params/facts.toml.{did_you_mean(id, facts())}")
    return facts()[id]
