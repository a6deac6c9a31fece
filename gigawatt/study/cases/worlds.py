"""Acceptance cases that need whole runs: what a scenario does, in every draw."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

from gigawatt.core.facts import fact
from gigawatt.core.run import run
from gigawatt.core.scenario_file import scenario_names
from gigawatt.decisions import one_period
from gigawatt.decisions.distributions import Lognormal
from gigawatt.mechanisms.orders import OrderUpTo
from gigawatt.mechanisms.supply import Contracts
from gigawatt.study.cases.case import case, exactly, holds, inside, number
from gigawatt.study.cases.figures import toy_margin

DRAWS = 256  # enough for the claims below, which are about every draw or about near certainties
US = "Anthropic"  # the lab whose choices are tried; any would do


@cache
def runs(name: str) -> xr.Dataset:
    return run(name, DRAWS)


def chance_before_2030(name: str, revenue: float) -> float:
    """Share of draws in which industry revenue passes a level before 2030 begins."""
    result = runs(name)
    before = result["year"].values <= 2030.0 + 1e-9
    return float(np.mean(result["industry_revenue"].values[:, before].max(axis=1) >= revenue))


@case("A42", "stated", "A trillion of industry revenue before 2030 in the scenario of the speaker")
def a42():
    trillion = 1000.0 * fact("trillions-before-2030").low
    ours = chance_before_2030("base", trillion)
    note = f"close to a certainty for him; base, never tuned to it, says {ours:.2f}"
    yield inside("amodei: chance of 1 tn before 2030", 0.9, 1.0, chance_before_2030("amodei", trillion), note=note)
    plural = chance_before_2030("amodei", 2 * trillion)
    yield inside("amodei: chance of 2 tn, the plural", 0.5, 1.0, plural, note="a reading: more likely than not")
    yield exactly("lag left after an arrival in February 2028", 1.9, round(2030.0 - 2028.12, 1), "years")


@case("A85", "stated", "World output growth after the genius level, and its bound")
def a85():
    bound = fact("gdp-not-300").high
    after = runs("base")["output_growth"].where(runs("base")["genius"] > 0.5)
    median = float(after.median())
    note = f"base reports its own median after the genius level: {median:.3f} a year (0.10 to 0.20 is his belief)"
    yield holds("base: growth after the genius level is a number", np.isfinite(median), note)
    for name in scenario_names():
        top = float(runs(name)["output_growth"].max())
        yield holds(f"{name}: growth stays below {bound:g} in every draw", top < bound, f"greatest {top:.2f}")


def ours(name: str = "base", **change: Any) -> xr.Dataset:
    """Our own signals in a changed scenario. Length and signals are always the same, so that little is compiled."""
    keep = ["power", "revenue", "raised", "alive", "share", "capability", "profit"]
    return run(name, DRAWS, until="2032-12", keep=keep, **change).sel(lab=US)


@case("A50", "stated", "The order of 2026 sets the capacity of 2027")
def a50():
    stated, asked = fact("datacenter-lead-time"), fact("purchase-question-2027").value
    yield inside("lead time of base", stated.low, stated.high, Contracts().lead, "years")
    yield inside("lead time that labs plan for", stated.low, stated.high, OrderUpTo().lead, "years")
    for lead in (stated.low, number(Contracts().lead)):
        begins, added = more_ordered_in_2026(lead)
        at = f"at a lead of {lead:g} years"
        yield exactly(f"an order of January 2026 serves from, {at}", 2026.0 + lead, begins, "year")
        yield holds(f"nothing ordered in 2026 serves in 2026, {at}", added[:, :12] == 0.0)
        yield holds(f"orders of 2026 add capacity by the end of {asked:g}, {at}", added[:, 23] > 0.0)
    begins, _ = more_ordered_in_2026(stated.high)
    note = "at the long end it serves from the day on which 2027 ends"
    yield exactly("an order of January 2026 serves from, at the longest lead", asked + 1.0, begins, "year", note)


def more_ordered_in_2026(lead: float) -> tuple[float, np.ndarray]:
    """Date from which a trillion a year, ordered in 2026, shows in our power, and what it adds, (draws, months)."""
    path, fixed = f"order_up_to.committed.{US}", {"contracts.lead": lead}
    bill = fact("commitment-annual").value
    more, plain = (ours(set=fixed, lever={path: {"2026-01": x, "2027-01": 0.0}}) for x in (bill, 0.0))
    added = (more["power"] - plain["power"]).values
    first = int(np.argmax(np.any(added != 0.0, axis=0)))
    return float(more["year"].values[first - 1]), added  # a month is dated by its end


@case("A51", "stated", "Margin and steady revenue lower the chance of ruin")
def a51():
    margins = jnp.asarray([fact("inference-gross-margin").low, toy_margin(), fact("model-2026-gross-margin").value])
    spread = OrderUpTo().uncertainty * jnp.sqrt(OrderUpTo().lead)
    plain, steady = (chance_of_ruin(margins, width) for width in (spread, 0.5 * spread))
    note = ", ".join(f"{p:.3f} at {m:.2f}" for p, m in zip(plain, margins, strict=True))
    yield holds("toy purchase: a higher margin, less ruin", jnp.diff(plain) < 0.0, note)
    note = "half the spread of demand, a reading of less fickle; the plan breaks even below median demand"
    yield holds("toy purchase: steadier revenue, less ruin", (steady < plain)[1:], note)
    base, fickle = ruined_at_300("base"), ruined_at_300("base", {"spending.noise": 0.5})
    consumer = ruined_at_300("consumer_volatile")
    note = f"{base:.2f} in base, {fickle:.2f} at twice the noise, {consumer:.2f} in consumer_volatile: readings"
    yield holds("300 bn a year in the world: more ruin at twice the noise", base < fickle, note)
    yield holds("300 bn a year in the world: more still at half the value too", fickle < consumer, note)


def chance_of_ruin(margin, spread):
    """Chance that revenue does not pay for the toy lab's compute, where median demand is the toy lab's."""
    demand = Lognormal(jnp.log(fact("toy-inference-compute").value), spread)
    bet = one_period.Bet(demand, revenue=1.0 / (1.0 - margin), cost=jnp.asarray(1.0))
    return one_period.ruin_probability(bet, fact("toy-total-compute").value)


def ruined_at_300(name: str, change: Mapping[str, float] | None = None) -> float:
    """Chance that we, bound to 300 bn a year, are ruined before 2033 in a scenario."""
    bound = {f"order_up_to.committed.{US}": fact("one-trillion-vs-300").low}
    return 1.0 - float(ours(name, set=bound | dict(change or {}))["alive"].values[:, -1].mean())


@case("A62", "stated", "All training earns nothing, none loses demand")
def a62():
    training = ours(set={f"split.training_worth.{US}": 1e9, "split.training_lag": 0.0})
    serving = ours(hold={f"research_compute.{US}": {"2026-01": 0.0, "2032-12": 0.0}})
    base, year = ours(), 47  # after four years
    usual = base["revenue"].values[:, :12].sum(axis=1)
    note = "the rule in the loop, at an e-fold worth a billion times revenue; less than a thousandth of base's revenue"
    for what, name in (("customers pay", "revenue"), ("investors give", "raised")):
        got = training[name].values[:, :12].sum(axis=1)
        yield holds(f"all training: {what} next to nothing in the year", got < 1e-3 * usual, note)
    months = round(12.0 * number(Contracts().lead))
    yield holds("all training: ruined before an order could serve", training["alive"].values[:, months - 1] == 0.0)
    both = (base["alive"] * serving["alive"]).values[:, year] > 0.5
    behind = (serving["capability"] - base["capability"]).values[both, year]
    kept = (serving["share"] / base["share"]).values[both, year]
    note = f"medians after four years: {np.median(behind):.0f} points, {np.median(kept):.2f} of the demand"
    yield holds("no training: behind in capability in every draw", behind < 0.0, note)
    yield holds("no training: demand lost in every draw", kept < 1.0, note)
