"""Acceptance cases: Oligopoly, entry and self-commoditisation (S25, S26)."""

import jax.numpy as jnp
import numpy as np

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.decisions import bertrand, cournot, entry, knowledge, substitutes
from gigawatt.decisions.logit import Market
from gigawatt.mechanisms import market, rivalry
from gigawatt.study.cases.case import case, exactly, holds, inside, number, printed
from gigawatt.study.cases.figures import toy_margin


def _players():
    """Numbers of players that are expected: three and four."""
    said = fact("player-count")
    return float(said.low), float(said.high)


@case("A72", "stated", "Cournot: mark-up and profit with three and four firms")
def a72():
    intercept, slope, cost = 100.0, 1.0, 10.0  # any will do: the ratios do not depend on them
    alone = cournot.symmetric(intercept, slope, cost, 1.0)
    for n, markup, profit, industry in zip(_players(), (0.5, 0.4), (0.25, 0.16), (0.75, 0.64), strict=True):
        found = cournot.linear(intercept, slope, jnp.full(int(n), cost))
        at = f"with {n:g} firms"
        yield holds(f"profit of each above zero {at}", found.profit > 0.0)
        yield exactly(f"mark-up {at}, monopoly = 1", markup, (found.price - cost) / (alone.price - cost))
        yield exactly(f"profit of each {at}, monopoly = 1", profit, found.profit[0] / alone.profit)
        yield exactly(f"profit of all {at}, monopoly = 1", industry, found.profit.sum() / alone.profit)
        yield inside(f"Lerner index {at}, moderate", 0.0, (alone.price - cost) / alone.price, found.lerner[0])
    many = cournot.symmetric(intercept, slope, cost, 1e6)
    yield holds("profit of all goes to zero as firms grow many", 1e6 * many.profit < 1e-5 * alone.profit)


@case("A73", "stated", "Entry lowers margins until one more entrant loses")
def a73():
    stake = fact("entrant-stake").value
    firms = jnp.arange(1.0, 9.0)
    price = cournot.symmetric(100.0, 1.0, 10.0, firms).price
    yield holds("Cournot: each entrant lowers the price", jnp.diff(price) < 0.0)
    alike = entry.symmetric(firms, 3.0, 1.0, 1.0)
    yield holds("logit: each entrant lowers the price", jnp.diff(alike.price) < 0.0)
    yield holds("logit: and the profit of each", jnp.diff(alike.profit) < 0.0)
    few, many = _players()
    for n in (few, many):
        # the market is sized so that n labs just earn the stake: present value of profit, in bn USD
        worth = stake * (n + 1.0) ** 2
        found = cournot.free_entry(jnp.sqrt(worth), 1.0, 0.0, stake)
        note = f"a reading: a monopoly would earn {worth / 4:g} bn, {n:g} labs earn their stake and no more"
        yield exactly(f"labs that enter at a stake of {stake:g} bn", n, found.firms, "labs", note)
        further = cournot.symmetric(jnp.sqrt(worth), 1.0, 0.0, n + 1.0).profit - stake
        yield holds(f"lab {n + 1:g} would lose", further < 0.0, f"it would lose {-number(further):.0f} bn")
    yield holds("more enter than is best for all", found.firms > found.best_firms)


@case("A74", "stated", "Models differ more than clouds, so margins are higher")
def a74():
    n = int(fact("cloud-player-count").value)
    yield exactly("as many clouds as labs", fact("player-count").value, n, "firms")
    alike = jnp.array([0.0, 0.3, 0.6, 0.9])
    found = bertrand.equilibrium(Market(jnp.full((4, n), 2.0), 1.0, 1.0, rho=alike))
    yield holds("nested logit: the less alike, the higher the margin", jnp.diff(found.lerner[:, 0]) < 0.0)
    near = jnp.array([0.2, 0.5, 0.8, 0.99])
    for kind in (substitutes.bertrand, substitutes.cournot):
        lines = kind(100.0, 1.0, near, jnp.full((4, n), 10.0))
        margin = (lines.price - 10.0) / lines.price
        yield holds(f"linear demand, {kind.__name__}: the same", jnp.diff(margin[:, 0]) < 0.0)


@case("A75", "derived", "Demand elasticity that the toy margin implies at three firms")
def a75():
    n, margin = int(fact("player-count").value), toy_margin()
    elasticity = 1.0 / (n * margin)
    yield exactly("elasticity of the market", 0.5, elasticity, "1")
    found = cournot.isoelastic(1.0, elasticity, jnp.ones(n))
    yield exactly("Lerner index of three equal labs there", margin, found.lerner[0], "share")
    base = entries()["scarcity.elasticity"]
    for e in (base.low, base.value, base.high):
        one_good = cournot.isoelastic(1.0, e, jnp.ones(n)).lerner[0]
        yield holds(f"at an elasticity of {e:g} one good leaves less", one_good < margin, f"{number(one_good):.2f}")
    sensitivity = (1.0 - margin) / margin / (1.0 - 1.0 / n)
    markup = market.logit_markup(1.0 / n, sensitivity)
    note = f"log odds per cost of serving: {number(sensitivity):.2f}"
    yield exactly("differences between models can carry it", margin, markup / (1.0 + markup), "share", note)


@case("A76", "stated", "A frozen frontier with spillover loses its margin")
def a76():
    values, years = entries(), jnp.array([0.0, 1.0, 2.0, 5.0, 10.0, 50.0])
    leak, worth = values["algorithms.leak"].value, values["logit.quality"].value
    alpha, usual = values["logit.price_sensitivity"].value, values["distinctness.usual_pace"].value
    lead = usual / leak  # what a leader holds at the usual pace
    frozen = rivalry.bounded_markup(jnp.inf, worth / alpha * knowledge.lag_after(lead, 0.0, leak, years))
    margin = frozen / (1.0 + frozen)
    yield holds("bounded by a free copy: the margin falls every year", jnp.diff(margin) < 0.0)
    yield printed("and is gone", 0.0, margin[-1], 1e-9, "share")
    moving = knowledge.lag_after(lead, usual, leak, years)
    yield exactly("with progress the lead stays", lead, moving[-1], "ECI point", "never steady without it")
    copying = values["distinctness.copying"].value
    distinct = rivalry.distinctness_after(1.0, 0.0, usual, copying, years)
    found = bertrand.equilibrium(Market(jnp.zeros((6, 4)), alpha / distinct, 1.0))
    yield holds("among four labs that become alike: the same", jnp.diff(found.lerner[:, 0]) < 0.0)
    yield printed("and the margin is gone", 0.0, found.lerner[-1, 0], 1e-6, "share")
    kept = rivalry.distinctness_after(1.0, usual, usual, copying, years)
    yield exactly("at the usual pace nothing is lost", 1.0, kept[-1], "1")
    # models make models, and everything else: one alternative for all sectors
    sectors, at = np.array([[0.1, 0.3, 0.61, 2.0]]), np.linspace(0.0, 60.0, 61)[:, None]
    gap, falling = (values[f"self_production.{name}"].value for name in ("gap", "falling"))
    left = rivalry.bounded_markup(sectors, rivalry.self_production_gap(gap, falling, at))
    yield holds("self-production: no sector keeps more than another could", left <= sectors)
    yield holds("at last all mark-ups are the same", jnp.ptp(left[-1]) < 1e-9)
    yield printed("and nothing", 0.0, left[-1].max(), 1e-3, "share")
