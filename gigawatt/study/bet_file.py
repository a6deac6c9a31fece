"""Named bets: small trees of demand as TOML, to be solved exactly."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.scenario_file import parse
from gigawatt.decisions.tree import Bet, Contract, Tree

KEYS = {
    "title": "one line that says what is bet on",
    "note": "reasons, in a sentence or two",
    "source": "keys of sources, or fact:ID",
    "unit": "unit of capacity",
    "money": "unit of money",
    "beside": "name of a bet whose cost of caution is told beside",
    "margin": "cash earned by a unit in use, before its bill, a period",
    "cash": "cash at the start",
    "existing": "capacity already contracted, by period",
    "existing_price": "its price per unit and period",
    "fixed": "fixed costs a period",
    "discount": "discount factor a period",
    "contract": "lead, term, price, and cancellation, prepayment, option_fee if any",
    "worlds": "worlds by name: probability and demand by period",
    "regimes": "Markov regimes: names, growth, first, transition, periods",
}
FORMS: dict[str, tuple[Any, str]] = {key: (str, "a text") for key in ("title", "note", "unit", "money", "beside")}
FORMS |= {key: (int | float, "a number") for key in ("cash", "discount")}
FORMS |= {"contract": (dict, "[contract] and the lines of it below")}
FORMS |= {key: (dict, f"a table [{key}...]") for key in ("worlds", "regimes")}


@dataclass(frozen=True)
class NamedBet:
    """A bet and what it is called; `worlds` as written, or none where demand follows regimes."""

    name: str
    title: str
    note: str
    source: tuple[str, ...]
    unit: str
    money: str
    beside: str
    bet: Bet
    worlds: Mapping[str, Any]

    def with_probabilities(self, chance: Mapping[str, float]) -> "NamedBet":
        """The same worlds with other probabilities. Raises InputError for an unknown world, or none to choose from."""
        if not self.worlds:
            raise InputError(f"bet {self.name}: has regimes, no named worlds: change [regimes] in a file of your own.")
        for name in chance:
            if name not in self.worlds:
                raise InputError(f"bet {self.name}: no world '{name}'.{did_you_mean(name, self.worlds)}")
        worlds = {n: {**w, "probability": chance.get(n, w["probability"])} for n, w in self.worlds.items()}
        try:
            return replace(self, worlds=worlds, bet=replace(self.bet, tree=_tree({"worlds": worlds})))
        except InputError as error:
            raise InputError(f"bet {self.name}: {error}") from None


def bet_names() -> dict[str, str]:
    """Names and titles of the shipped bets."""
    files = sorted(resources.files("gigawatt").joinpath("bets").iterdir(), key=lambda f: f.name)
    return {f.name[:-5]: tomllib.loads(f.read_text(encoding="utf-8"))["title"] for f in files if f.name[-5:] == ".toml"}


def is_bet(name: str) -> bool:
    """Whether a name is a shipped bet, or a file that holds one."""
    if not name.endswith(".toml"):
        return name in bet_names()
    try:
        table = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False  # whoever reads it as a scenario says what is wrong
    return not {"worlds", "regimes", "contract"}.isdisjoint(table)


def load_bet(name: str) -> NamedBet:
    """A bet by shipped name or path of a TOML file. Raises InputError with place and cure."""
    table, where = _read(name)
    for key in table:
        if key not in KEYS:
            raise InputError(f"{where}: unknown key '{key}'.{did_you_mean(key, KEYS)} Allowed: {', '.join(KEYS)}.")
    for key in ("title", "margin", "contract"):
        if key not in table:
            raise InputError(f"{where}: has no '{key}' ({KEYS[key]}): give it.")
    for key in FORMS.keys() & table.keys():
        kind, form = FORMS[key]
        if not isinstance(table[key], kind):
            raise InputError(f"{where}: {key} = {table[key]!r} ({KEYS[key]}): give {form}.")
    terms = {k: table[k] for k in ("margin", "cash", "existing", "existing_price", "fixed", "discount") if k in table}
    try:
        bet = Bet(_tree(table), (Contract(**table["contract"]),), **terms)
    except TypeError as error:
        raise InputError(f"{where}: [contract] {str(error).split('() ')[-1]}: allowed is {KEYS['contract']}.") from None
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return NamedBet(
        re.sub(r"\.toml$", "", Path(name).name),
        table["title"],
        table.get("note", ""),
        tuple(table.get("source", ())),
        table.get("unit", "units"),
        table.get("money", "units of money"),
        table.get("beside", ""),
        bet,
        table.get("worlds", {}),
    )


def _read(name: str) -> tuple[dict[str, Any], str]:
    """Table of a bet by shipped name or path, and its place for errors."""
    if name.endswith(".toml"):
        try:
            return parse(Path(name).read_text(encoding="utf-8"), name), name
        except OSError as error:
            raise InputError(f"{name}: cannot be read ({error.strerror}): check the path.") from None
    if name not in (known := bet_names()):
        raise InputError(f"no bet '{name}'.{did_you_mean(name, known)} Bets are {', '.join(known)}.")
    where = f"bets/{name}.toml"
    return parse(resources.files("gigawatt").joinpath(where).read_text(encoding="utf-8"), where), where


def _tree(table: Mapping[str, Any]) -> Tree:
    if ("worlds" in table) == ("regimes" in table):
        raise InputError("give either [worlds] or [regimes].")
    return _of_worlds(table["worlds"]) if "worlds" in table else _of_regimes(**table["regimes"])


def _of_worlds(worlds: Mapping[str, Any]) -> Tree:
    for name, world in worlds.items():
        if not (isinstance(world, Mapping) and set(world) == {"probability", "demand"}):
            raise InputError(f"world '{name}': give probability and demand, and nothing else.")
        chance = world["probability"]
        if not isinstance(chance, int | float) or not 0.0 <= chance <= 1.0:
            raise InputError(f"world '{name}': probability {chance!r}: give a number from 0 to 1.")
    possible = {name: w for name, w in worlds.items() if w["probability"] > 0.0}  # what cannot be ruins nobody
    return Tree.from_worlds({name: (w["probability"], w["demand"]) for name, w in possible.items()})


def _of_regimes(names: Any = None, **regimes: Any) -> Tree:
    try:
        tree = Tree.from_regimes(**regimes)
    except TypeError as error:
        raise InputError(f"[regimes] {str(error).split('() ')[-1]}: allowed is {KEYS['regimes']}.") from None
    kinds = len(regimes["growth"])
    names = names or list(map(str, range(kinds)))
    if not isinstance(names, list) or len(names) != kinds:
        raise InputError(f"[regimes] names = {names!r}: give {kinds} names, one for each growth.")
    labels = [*names, "today"]  # the root's regime is -1
    return replace(tree, label=[labels[regime] for regime in np.asarray(tree.regime)])
