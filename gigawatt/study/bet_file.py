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
        return replace(self, worlds=worlds, bet=replace(self.bet, tree=_tree({"worlds": worlds}, self.name)))


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
    return "worlds" in table or "regimes" in table


def load_bet(name: str) -> NamedBet:
    """A bet by shipped name or path of a TOML file. Raises InputError with place and cure."""
    if name.endswith(".toml"):
        where, text = name, Path(name).read_text(encoding="utf-8")
    else:
        where = f"bets/{name}.toml"
        text = resources.files("gigawatt").joinpath(where).read_text(encoding="utf-8")
    table = parse(text, where)
    for key in table:
        if key not in KEYS:
            raise InputError(f"{where}: unknown key '{key}'.{did_you_mean(key, KEYS)} Allowed: {', '.join(KEYS)}.")
    for key in ("title", "margin", "contract"):
        if key not in table:
            raise InputError(f"{where}: has no '{key}' ({KEYS[key]}): give it.")
    terms = {k: table[k] for k in ("margin", "cash", "existing", "existing_price", "fixed", "discount") if k in table}
    try:
        bet = Bet(_tree(table, where), (Contract(**table["contract"]),), **terms)
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


def _tree(table: Mapping[str, Any], where: str) -> Tree:
    if ("worlds" in table) == ("regimes" in table):
        raise InputError(f"{where}: give either [worlds] or [regimes].")
    try:
        if "worlds" in table:
            return Tree.from_worlds({n: (w["probability"], w["demand"]) for n, w in table["worlds"].items()})
        regimes = dict(table["regimes"])
        names = regimes.pop("names", None)
        tree = Tree.from_regimes(**regimes)
        labels = [*(names or map(str, range(len(regimes["growth"])))), "today"]
        return replace(tree, label=[labels[regime] for regime in np.asarray(tree.regime)])
    except KeyError as error:
        raise InputError(f"{where}: a world has no {error}: give probability and demand.") from None
    except TypeError as error:
        raise InputError(f"{where}: [regimes] {str(error).split('() ')[-1]}: allowed is {KEYS['regimes']}.") from None
