"""How much to order now: from what a user gives to a plan, for a named bet or for a lab in a scenario."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gigawatt.core.entry import Entry
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.scenario_file import flat, parse, scenario_names
from gigawatt.core.units import default_axes
from gigawatt.decisions.extensive import CashCVaR, Limit, NeverRuin, Ruin
from gigawatt.study.bet_file import NamedBet, bet_names, is_bet, load_bet
from gigawatt.study.plan import TAIL, Plan
from gigawatt.study.plan_bet import plan_bet, price_now
from gigawatt.study.plan_world import plan_world

RIVALS = {"naive": "naive_rival", "cautious": "cautious_rival", "arms_race": "arms_race"}


def plan(
    scenario: str | Scenario = "base",
    lab: str | None = None,
    *,
    ruin: float | None = None,
    cvar: float | None = None,
    never_ruin: bool = False,
    lead_months: float | None = None,
    term_years: float | None = None,
    cash: float | None = None,
    margin: float | None = None,
    belief: str | Path | Mapping[str, Any] | None = None,
    rivals: str | None = None,
    draws: int = 1024,
    seed: int = 0,
    discount: float | None = None,
    terminal_years: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """How much compute to order now, under a limit on ruin, with what would change the answer.

    scenario: a named bet (a tree of demand, solved exactly) or a scenario (a rule is trained in the full world).
    lab: whose order it is, for scenarios. ruin: greatest chance of cash below zero at any time; cvar: least mean of
    final cash in the worst 5 %, in money; never_ruin: cash never below zero in any world or draw. Without a limit bets
    are never ruined, and scenarios at most in 5 % of the draws. lead_months: from order to service; term_years: of a
    contract; cash: at the start, in money (bn USD); margin: gross margin, a share; belief: a TOML file or a table, for
    bets chances of worlds, for scenarios numbers as under [set]; rivals: naive, cautious or arms_race. discount: a
    year, continuous (scenarios only); terminal_years: profit of the last month counted on. progress: called with
    (steps done, steps in all).

    Raises InputError with place and cure, for a limit that cannot be met with the cash that would do.
    """
    limit = limit_of(ruin, cvar, never_ruin)
    terms = {"lead_months": lead_months, "term_years": term_years, "cash": cash, "margin": margin}
    check(terms | {"discount": discount, "terminal_years": terminal_years})
    told = read_belief(belief)
    if isinstance(scenario, str) and is_bet(scenario):
        foreign = {"lab": lab, "rivals": rivals, "discount": discount, "terminal-years": terminal_years}
        for name, value in foreign.items():
            if value is not None:
                raise InputError(f"--{name} {value}: '{scenario}' is a bet, it has its own terms: leave it out.")
        return plan_bet(bet_with(load_bet(scenario), told, **terms), limit, progress)
    found = load(known_name(scenario))
    lab = known_lab(found, lab)
    if draws < 64:
        raise InputError(f"--draws {draws}: give at least 64, a chance of ruin needs some.")
    changed = world_with(found, lab, told, rivals, **terms)
    return plan_world(changed, lab, limit, draws, seed, discount, terminal_years, progress)


def known_name(scenario: str | Scenario) -> str | Scenario:
    """The scenario, if it is one; else an InputError that offers bets beside scenarios."""
    if isinstance(scenario, Scenario) or scenario.endswith(".toml") or scenario in scenario_names():
        return scenario
    near = did_you_mean(scenario, [*bet_names(), *scenario_names()])
    raise InputError(
        f"no bet or scenario '{scenario}'.{near} Bets are {', '.join(bet_names())}; `gigawatt scenarios` lists others."
    )


def known_lab(scenario: Scenario, lab: str | None) -> str:
    """The lab, if it is one of the scenario's."""
    known = scenario.axes.get("lab", default_axes()["lab"])
    if lab is None:
        raise InputError(f"--lab is missing: whose order? One of {', '.join(known)}.")
    if lab not in known:
        raise InputError(f"--lab {lab}: no such lab.{did_you_mean(lab, known)} One of {', '.join(known)}.")
    return lab


def limit_of(ruin: float | None, cvar: float | None, never_ruin: bool) -> Limit | None:
    """The one limit that was asked for."""
    if (ruin is not None) + (cvar is not None) + never_ruin > 1:
        raise InputError("more than one of --ruin, --cvar, --never-ruin: give one limit.")
    if ruin is not None and not 0.0 <= ruin <= 1.0:
        raise InputError(f"--ruin {ruin:g}: a probability lies between 0 and 1, such as 0.05.")
    if cvar is not None and not math.isfinite(cvar):
        raise InputError(f"--cvar {cvar:g}: give a finite amount of money.")
    if ruin is not None:
        return Ruin(ruin)
    if cvar is not None:
        return CashCVaR(TAIL, cvar)
    return NeverRuin() if never_ruin else None


LEAST = {"lead_months": 0.0, "term_years": 0.0, "margin": 0.0, "discount": 0.0, "terminal_years": 0.0}
MOST = {"margin": 0.99}


def check(terms: Mapping[str, float | None]) -> None:
    """Raise InputError for a term that is no number, or out of its range."""
    for name, value in terms.items():
        option = f"--{name.replace('_', '-')}"
        if value is None:
            continue
        if not math.isfinite(value):
            raise InputError(f"{option} {value}: give a finite number.")
        least, most = LEAST.get(name, -math.inf), MOST.get(name, math.inf)
        if not least <= value <= most:
            allowed = f"{least:g} to {most:g}" if name in MOST else f"{least:g} or more"
            raise InputError(f"{option} {value:g}: allowed is {allowed}.")


def read_belief(belief: str | Path | Mapping[str, Any] | None) -> dict[str, Any]:
    """A table of beliefs from a TOML file, or as given."""
    if belief is None or isinstance(belief, Mapping):
        return dict(belief or {})
    try:
        text = Path(belief).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"--belief {belief}: cannot be read ({error.strerror}): check the path.") from None
    except UnicodeDecodeError:
        raise InputError(f"--belief {belief}: is not UTF-8 text: save it as UTF-8.") from None
    return parse(text, f"--belief {belief}")


def part_of(belief: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The table under a key of the belief, or the belief itself where the key is left out."""
    part = belief.get(key, belief)
    if not isinstance(part, Mapping):
        raise InputError(f"--belief: '{key}' is no table: write [{key}] and the lines of it below.")
    return part


def bet_with(
    named: NamedBet,
    belief: Mapping[str, Any],
    lead_months: float | None,
    term_years: float | None,
    cash: float | None,
    margin: float | None,
) -> NamedBet:
    """The bet with other beliefs and terms. Its periods are years."""
    if belief:
        named = named.with_probabilities(part_of(belief, "worlds"))
    (contract,) = named.bet.contracts
    if lead_months is not None:
        if lead_months % 12:
            raise InputError(f"--lead-months {lead_months:g}: periods of a bet are years: give 12, 24, ...")
        contract = replace(contract, lead=int(lead_months / 12))
    if term_years is not None:
        if term_years % 1 or term_years < 1:
            raise InputError(f"--term-years {term_years:g}: periods of a bet are years: give 1, 2, 3, ...")
        contract = replace(contract, term=int(term_years))
    bet = replace(named.bet, contracts=(contract,))
    if cash is not None:
        bet = replace(bet, cash=cash)
    if margin is not None:
        bet = replace(bet, margin=price_now(bet) / (1.0 - margin))
    return replace(named, bet=bet)


def world_with(
    scenario: Scenario,
    lab: str,
    belief: Mapping[str, Any],
    rivals: str | None,
    lead_months: float | None,
    term_years: float | None,
    cash: float | None,
    margin: float | None,
) -> Scenario:
    """The scenario with other beliefs, rivals and terms."""
    if belief:
        scenario = scenario.change(set=flat(part_of(belief, "set")), where="--belief")
    numbers: dict[str, Any] = {}
    if lead_months is not None:
        numbers |= {"contracts.lead": lead_months / 12, "order_up_to.lead": lead_months / 12}
    if term_years is not None:
        numbers["contracts.term"] = term_years
    if cash is not None:
        numbers[f"start.cash.{lab}"] = cash
    if margin is not None:
        numbers[f"start.inference_share.{lab}"] = inference_share(scenario, lab, margin)
    if rivals is not None:
        numbers |= rival_rule(scenario, lab, rivals)
    return scenario.change(set=numbers, where="terms of the plan") if numbers else scenario


def inference_share(scenario: Scenario, lab: str, margin: float) -> float:
    """Share of compute that serves today's revenue at a gross margin: R (1 - g) / bill of the lab."""
    table = scenario.table

    def value(path: str) -> float:
        entry: Entry = table.get(f"{path}.{lab}") or table[path]
        return float(entry.value)

    revenue, bill = value("start.revenue"), value("start.bill") * (1.0 - value("split.own_use"))
    if revenue <= 0.0:
        raise InputError(f"--margin {margin:g}: {lab} has no revenue that could have a margin: leave it out.")
    share = revenue * (1.0 - margin) / bill
    if not share < 1.0:
        least = 1.0 - bill / revenue
        raise InputError(
            f"--margin {margin:g}: {lab} would need {share:.2f} of its compute: give more than {least:.2f}."
        )
    return share


def rival_rule(scenario: Scenario, lab: str, rivals: str) -> dict[str, float]:
    """Numbers of the order rule for every lab but ours, as the scenario of that name has them."""
    if rivals not in RIVALS:
        raise InputError(f"--rivals {rivals}: no such rule.{did_you_mean(rivals, RIVALS)} One of {', '.join(RIVALS)}.")
    rule = {".".join(p.split(".")[:2]): e.value for p, e in load(RIVALS[rivals]).set.items() if "order_up_to." in p}
    labs = scenario.axes.get("lab", default_axes()["lab"])
    return {f"{path}.{other}": value for path, value in rule.items() for other in labs if other != lab}
