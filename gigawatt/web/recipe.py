"""Recipes as requests give them: the arguments of `gigawatt.run`, checked and bounded before anything runs."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gigawatt.core.entry import GRADES, SHAPES
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.path import year_after
from gigawatt.core.run import year_ends
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.scenario_file import KEYS, flat, path_tables, scenario_names
from gigawatt.study.catalogue import shipped_mechanisms
from gigawatt.study.explain import use_name

MOST_DRAWS = 10_000
MOST_ENTRIES = 200  # numbers, levers or holds of one recipe
MOST_DATES = 200  # dates of one lever or hold
LAST_MONTH = "2050-12"

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
NumberPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_ &-]+){0,3}$", max_length=120)]
Law = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[A-Za-z]{1,60}$")]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
Text = Annotated[str, StringConstraints(max_length=2000)]
Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
WithUnit = Annotated[str, StringConstraints(pattern=r"^[-+0-9.eE]{1,30}( [^<>]{1,40})?$")]
Dated = Annotated[dict[Month, Finite], Field(max_length=MOST_DATES)]


class Strict(BaseModel):
    """A model of a request: nothing that it does not name, no number that is none."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Setting(Strict):
    """A number with a range, as under [set] in a scenario file."""

    value: Finite | WithUnit
    unit: Annotated[str, StringConstraints(max_length=60)] | None = None
    range: tuple[Finite, Finite] | None = None
    shape: Annotated[str, StringConstraints(pattern=f"^({'|'.join(SHAPES)})$")] | None = None
    bounds: tuple[Finite, Finite] | None = None
    source: Annotated[list[Text], Field(max_length=20)] | None = None
    place: Text | None = None
    grade: Annotated[str, StringConstraints(pattern=f"^({'|'.join(GRADES)})$")] | None = None
    note: Text | None = None


class Recipe(Strict):
    """The arguments of `gigawatt.run`, so that page, command and Python give the same numbers."""

    scenario: Annotated[Name, Field(description="Name of a shipped scenario.")] = "base"
    set: Annotated[
        dict[NumberPath, Finite | WithUnit | Setting],
        Field(max_length=MOST_ENTRIES, description="Numbers set for sure, or with a range."),
    ] = {}
    lever: Annotated[
        dict[NumberPath, Dated], Field(max_length=MOST_ENTRIES, description="Numbers that change on dates.")
    ] = {}
    hold: Annotated[
        dict[NumberPath, Dated], Field(max_length=MOST_ENTRIES, description="Signals prescribed by date.")
    ] = {}
    use: Annotated[list[Law], Field(max_length=20, description="Shipped mechanisms as module.Class.")] = []
    certain: Annotated[bool, Field(description="Every number at its value: only luck differs by draw.")] = False
    until: Annotated[Month | None, Field(description="Last month, YYYY-MM.")] = None
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS, strict=True)] = 2000
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)] = 0

    @model_validator(mode="before")
    @classmethod
    def plain(cls, told: Any) -> Any:
        """Without keys that say nothing: null stands for what is left out."""
        return {k: v for k, v in told.items() if v is not None} if isinstance(told, Mapping) else told

    def arguments(self) -> dict[str, Any]:
        """What `gigawatt.run` takes, without what is left out."""
        told = self.model_dump(exclude_none=True, exclude_defaults=True)
        told = {k: v for k, v in told.items() if v not in ({}, [])}
        return {"scenario": self.scenario, **told, "draws": self.draws, "seed": self.seed}

    def changed(self) -> Scenario:
        """The scenario that is meant. Raises InputError with place and cure."""
        known_scenario(self.scenario)
        for name in self.use:
            known_mechanism(name)
        numbers = {p: v.model_dump(exclude_none=True) if isinstance(v, Setting) else v for p, v in self.set.items()}
        found = load(self.scenario)
        last = min(found.end, LAST_MONTH)
        if self.until is not None and year_after(self.until, "until") > year_after(last):
            raise InputError(f"until {self.until}: {self.scenario} runs to {last}, no further.")
        found = found if self.until or found.end == last else found.change(end=last, where="recipe")
        found = found.change(numbers, self.lever, self.hold, self.use, self.until, where="recipe")
        return found.at_values() if self.certain else found

    def toml(self) -> str:
        """A scenario file that says the same, with the rest of the command in a comment."""
        words = ["gigawatt run FILE.toml", f"--draws {self.draws}", f"--seed {self.seed}"]
        words += ["--certain"] if self.certain else []
        table: dict[str, Any] = {"title": f"{title_of(self.scenario)}; changed on the page", "base": self.scenario}
        table |= {"end": self.until} if self.until else {}
        told = self.arguments()
        table |= {key: told[key] for key in ("use", "set", "lever", "hold") if key in told}
        return f"# {' '.join(words)}\n{tomli_w.dumps(table)}"


def read_recipe(text: str) -> Recipe:
    """A recipe from JSON, or from a scenario file in TOML that changes a shipped scenario.

    Raises InputError that names the mistake.
    """
    kind, read = ("JSON", json.loads) if text.lstrip().startswith("{") else ("TOML", tomllib.loads)
    try:
        table = read(text)
        return checked(table if kind == "JSON" else from_file(table))
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else one_line(error)
        raise InputError(f"not valid {kind}: {why}. Mend it there; it may be cut short.") from None


def from_file(table: Mapping[str, Any]) -> dict[str, Any]:
    """What a scenario file says, as a recipe. Raises InputError for what the page cannot do."""
    for key in table:
        if key not in KEYS:
            raise InputError(f"unknown key '{key[:40]}'.{did_you_mean(key, KEYS)} Allowed: {', '.join(KEYS)}.")
        if key in ("begin", "steps_per_year", "axes", "add"):
            raise InputError(f"'{key}' cannot be changed on the page: run the file with `gigawatt run FILE.toml`.")
    for key in ("set", "lever", "hold"):
        if not isinstance(table.get(key, {}), Mapping):
            raise InputError(f"'{key}' is no table: write [{key}] and the lines of it below.")
    use = table.get("use", [])
    return {
        "scenario": table.get("base", "base"),
        "set": flat(table.get("set", {})),
        "lever": path_tables(table.get("lever", {})),
        "hold": path_tables(table.get("hold", {})),
        "use": [use] if isinstance(use, str) else use,
        "until": table.get("end"),
    }


def checked(told: Any) -> Recipe:
    """The recipe, known to make a world. Raises InputError in one line."""
    try:
        recipe = Recipe.model_validate(told)
    except ValidationError as error:
        raise InputError(mistakes(error.errors(), "recipe")) from None
    ready(recipe.changed())
    return recipe


def ready(scenario: Scenario) -> None:
    """Raise InputError for what would stop a run later."""
    world, ends = scenario.world(), year_ends(scenario)
    scenario.levers(world, ends)
    scenario.holds(world, ends)


def mistakes(errors: Any, root: str = "") -> str:
    """What pydantic found, in one line: the first mistake with its place."""
    first = errors[0]
    place = ".".join(str(x) for x in first["loc"] if str(x) not in ASIDE and not str(x).startswith(FORMS))
    more = f" ({len(errors)} mistakes in all.)" if len(errors) > 1 else ""
    return f"{(place or root or 'request')[:120]}: {one_line(first['msg'])}.{more}"


ASIDE = ("body", "query", "path", "header", "float", "int", "str", "Setting", "[key]")  # of pydantic's places
FORMS = ("function-", "constrained-", "json-", "list[", "dict[")


def one_line(error: object) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")


@cache
def shipped() -> dict[str, str]:
    """Shipped scenarios with their titles, read once."""
    return scenario_names()


def title_of(scenario: str) -> str:
    known_scenario(scenario)
    return shipped()[scenario]


def known_scenario(name: str) -> None:
    """Raise InputError unless a scenario of this name ships: requests open no files."""
    if name not in shipped():
        raise InputError(f"no scenario '{name}'.{did_you_mean(name, shipped())} /api/model lists them.")


def known_mechanism(name: str) -> None:
    """Raise InputError unless a mechanism of this name ships: requests import no modules."""
    names = [use_name(cls) for cls in shipped_mechanisms().values()]
    if name not in names:
        raise InputError(f"use '{name}': no such mechanism.{did_you_mean(name, names)}")
