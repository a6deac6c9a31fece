"""Market: who wins the demand, and at what margin (S24-S26)."""

import jax
import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    ECI,
    GW,
    Number,
    PerECI,
    PerLab,
    PerSqrtYear,
    PerYear,
    Positive,
    Share,
    Years,
    bn_USD_per_GW_year,
    bn_USD_per_year,
)
from gigawatt.decisions import bertrand, logit

INVERSION = 60  # rounds of the inversion of shares at the start
STEPS = 6  # steps of the fixed point of prices in a month, from last month's prices


def logit_shares(utility, present):
    """Market shares under logit demand among those present. [share]

    s_i = e^{u_i} / sum_j e^{u_j} (McFadden 1974; Anderson, de Palma & Thisse 1992). Firms along the last axis;
    `present` is 1 or 0. If nobody is present all shares are zero.
    """
    top = jnp.max(jnp.where(present > 0.0, utility, -jnp.inf), axis=-1, keepdims=True)
    below = jnp.minimum(utility - jnp.where(jnp.isfinite(top), top, 0.0), 0.0)  # who is absent may lie far above
    weight = present * jnp.exp(below)
    return weight / jnp.maximum(jnp.sum(weight, axis=-1, keepdims=True), 1e-30)


def logit_markup(share, price_sensitivity):
    """Bertrand mark-up of a firm with one product under logit demand. [unit of price]

    p - c = 1 / (alpha (1 - s)): Anderson, de Palma & Thisse (1992), eq. 7.9; Berry (1994), RAND Journal of
    Economics 25:242. Arguments may be arrays.
    """
    return 1.0 / (price_sensitivity * (1.0 - share))


def chosen_shares(share, growth, switching, least):
    """Shares that buyers who choose afresh must be giving, from shares and how fast each firm grows. [share]

    Shares move to the chosen ones over the switching time, ds/dt = (c - s)/T, and d ln s/dt is a firm's growth
    above the share-weighted mean, so c = s (1 + T (g - mean g)). A firm that loses share fast is chosen by at
    least the share `least` of those it has. Firms along the last axis; growth per year, switching in years.
    """
    mean = jnp.sum(share * growth, axis=-1, keepdims=True)
    chosen = share * jnp.maximum(1.0 + switching * (growth - mean), least)
    return chosen / jnp.sum(chosen, axis=-1, keepdims=True)


def mean_utility(share):
    """Utility that explains chosen shares, up to a constant: Berry's inversion ln s. [log]

    Berry (1994), RAND Journal of Economics 25:242-262, eq. 6, without an outside good.
    """
    return jnp.log(share)


def clearing_premium(wanted, served, elasticity):
    """Price relative to the uncongested one at which demand fits what can be served, at least one. [multiple]

    Demand in money at the uncongested price is `wanted`, capacity in the same money is `served`; quantity falls
    with price at a constant elasticity, so wanted p^-e = served. The shadow price of capacity in units of price.
    Arguments may be arrays.
    """
    return power(jnp.maximum(wanted / jnp.maximum(served, 1e-9), 1.0), 1.0 / elasticity)


class Scarcity(Mechanism):
    """A lab that cannot serve all who come raises its price until fewer come (S24; capacity-limited Bertrand).

    Prices follow the clearing premium over the time it takes to rewrite contracts.
    """

    elasticity: Positive = param("Price elasticity of demand for AI services")
    repricing: Years = param("Time in which prices follow scarcity")

    class Out(Signals):
        premium: PerLab[Positive] = signal("Price relative to the price without scarcity", start=1.0)
        crowding: PerLab[Positive] = signal("Money demanded relative to demand without scarcity", start=1.0)

    def __call__(
        self,
        *,
        lab_power: PerLab[GW],
        inference_limit: PerLab[Share],
        demand_growth: PerLab[Positive],
        prev_free_demand: PerLab[bn_USD_per_year],
        prev_base_revenue_per_power: PerLab[bn_USD_per_GW_year],
        prev_premium: PerLab[Positive],
        dt: Years,
    ) -> Out:
        most = inference_limit * lab_power * prev_base_revenue_per_power
        clearing = clearing_premium(prev_free_demand * demand_growth, most, self.elasticity)
        before = jnp.log(prev_premium)
        log_premium = before - (jnp.log(clearing) - before) * jnp.expm1(-dt / self.repricing)
        return self.Out(premium=jnp.exp(log_premium), crowding=jnp.exp((1.0 - self.elasticity) * log_premium))


class Logit(Mechanism):
    """Buyers choose among labs by capability, price and habit; each lab marks up what it costs to serve.

    Tastes are inverted from observed shares and growth, so that the start is met in level and in motion; they
    wander. Shares move to the logit's over a switching time. Prices are Bertrand's at last month's shares: one
    step of the fixed point a month, cost of serving normalised to one, times the premium of scarcity.
    """

    quality: PerECI = param("Log odds of being chosen per point of capability")
    price_sensitivity: Positive = param("Log odds of being chosen per price, in units of the cost of serving")
    switching: Years = param("Time in which shares move to what buyers would choose afresh")
    least_chosen: Share = param("Least share of its buyers that would choose a lab afresh at the start")
    taste_noise: PerSqrtYear = param("Standard deviation of the walk of tastes")
    share_max: Share = param("Greatest share at which a lab prices (stands for buyers who would not buy at all)")

    class Out(Signals):
        share: PerLab[Share] = signal("Share of demand", headline=True)
        taste: PerLab[Number] = signal("Taste for the lab beyond capability and price")
        unit_price: PerLab[Positive] = signal("Price per cost of serving, without scarcity")
        base_revenue_per_power: PerLab[bn_USD_per_GW_year] = signal("Revenue per power that serves, without scarcity")
        revenue_per_power: PerLab[bn_USD_per_GW_year] = signal("Revenue per power that serves customers")
        free_demand: PerLab[bn_USD_per_year] = signal("Demand for the lab's services at prices without scarcity")
        wanted: PerLab[bn_USD_per_year] = signal("Demand for the lab's services at today's prices")

    begins = ("share", "taste", "unit_price", "revenue_per_power", "free_demand", "wanted")

    def begin(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        revenue_growth: PerLab[PerYear],
        capability: PerLab[ECI],
        base_revenue_per_power: PerLab[bn_USD_per_GW_year],
    ) -> dict[str, Array]:
        share = revenue / jnp.sum(revenue)
        unit_price = self.priced(share)
        utility = self.quality * capability - self.price_sensitivity * unit_price
        return {
            "share": share,
            "unit_price": unit_price,
            "taste": mean_utility(chosen_shares(share, revenue_growth, self.switching, self.least_chosen)) - utility,
            "revenue_per_power": base_revenue_per_power,
            "free_demand": revenue,
            "wanted": revenue,
        }

    def priced(self, share: Array) -> Array:
        return 1.0 + logit_markup(jnp.minimum(share, self.share_max), self.price_sensitivity)

    def __call__(
        self,
        *,
        capability: PerLab[ECI],
        spending: bn_USD_per_year,
        premium: PerLab[Positive],
        crowding: PerLab[Positive],
        prev_share: PerLab[Share],
        prev_taste: PerLab[Number],
        prev_unit_price: PerLab[Positive],
        prev_base_revenue_per_power: PerLab[bn_USD_per_GW_year],
        prev_alive: PerLab[Share],
        normal: PerLab[Number],
        dt: Years,
    ) -> Out:
        taste = prev_taste + self.taste_noise * jnp.sqrt(dt) * normal
        unit_price = self.priced(prev_share)
        utility = self.quality * capability - self.price_sensitivity * unit_price * premium + taste
        chosen = logit_shares(utility, prev_alive)
        moved = prev_alive * (prev_share - (chosen - prev_share) * jnp.expm1(-dt / self.switching))
        share = moved / jnp.maximum(jnp.sum(moved), 1e-30)
        earned = prev_base_revenue_per_power * unit_price / prev_unit_price
        return self.Out(
            share=share,
            taste=taste,
            unit_price=unit_price,
            base_revenue_per_power=earned,
            revenue_per_power=earned * premium,
            free_demand=share * spending,
            wanted=share * spending * crowding,
        )


class Bertrand(Mechanism):
    """The market of each month as an equilibrium in prices, with buyers who may choose no lab at all (S25, S26).

    Buyers of two types act on what they think each lab is worth, relative to an open model at hosting cost; what they
    think follows what is (capability, taste) over the switching time. Prices solve capacity-limited Bertrand: no lab
    gains by another price, and none sells more than its compute serves. The shadow price of compute is what the last
    sale beyond would pay. Posted prices fall with the equilibrium, and rise with it over the repricing time. Tastes
    are inverted from observed shares and growth, so that the start is met in level and in motion. `distinctness` scales
    how far tastes, and not price alone, decide; no mark-up is higher than `alternative`.
    """

    inner: Logit
    scarce: Scarcity
    elsewhere: Share = param("Share of buyers at the start who use an open model, or none")
    careful: Share = param("Share of buyers who mind prices more")
    care: Positive = param("How much more they mind them")

    class Out(Signals):
        share: PerLab[Share] = signal("Share of demand", headline=True)
        taste: PerLab[Number] = signal("Taste for the lab beyond capability and price")
        thought: PerLab[Number] = signal("Log odds, without mark-up, that buyers act on: against going elsewhere")
        unit_price: PerLab[Positive] = signal("Price per cost of serving, without scarcity")
        premium: PerLab[Positive] = signal("Price posted relative to the price without scarcity", start=1.0)
        crowding: PerLab[Positive] = signal("Money demanded relative to demand without scarcity", start=1.0)
        shadow_markup: PerLab[Positive] = signal("Shadow price of compute that serves, per cost of serving", start=0.0)
        shadow_price: PerLab[bn_USD_per_GW_year] = signal("Worth of one more unit of power that serves", start=0.0)
        base_revenue_per_power: PerLab[bn_USD_per_GW_year] = signal("Revenue per power that serves, without scarcity")
        revenue_per_power: PerLab[bn_USD_per_GW_year] = signal("Revenue per power that serves customers")
        free_demand: PerLab[bn_USD_per_year] = signal("Demand for the lab's services at prices without scarcity")
        wanted: PerLab[bn_USD_per_year] = signal("Demand for the lab's services at today's prices")
        gross_margin: Share = signal("Gross margin on serving, mean over what is sold", headline=True)

    begins = ("share", "taste", "thought", "unit_price", "revenue_per_power", "free_demand", "wanted", "gross_margin")

    def begin(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        revenue_growth: PerLab[PerYear],
        capability: PerLab[ECI],
        fringe: ECI,
        base_revenue_per_power: PerLab[bn_USD_per_GW_year],
    ) -> dict[str, Array]:
        share = revenue / jnp.sum(revenue)
        inside = (1.0 - self.elsewhere) * share
        thought, markup = self.inverted(inside)
        # d ln(s_j / s_0) / dt = (worth - thought) / switching, with a market of constant size
        growth = revenue_growth - jnp.sum(share * revenue_growth)
        worth = thought + self.inner.switching * jnp.maximum(growth, -1.0 / self.inner.switching)
        return {
            "share": share,
            "taste": worth - self.inner.quality * (capability - fringe),
            "thought": thought,
            "unit_price": 1.0 + markup,
            "revenue_per_power": base_revenue_per_power,
            "free_demand": revenue,
            "wanted": revenue,
            "gross_margin": jnp.sum(share * markup / (1.0 + markup)),
        }

    def inverted(self, share: Array) -> tuple[Array, Array]:
        """Values behind observed shares of buyers, and equilibrium mark-ups there.

        The contraction of Berry, Levinsohn & Pakes (1995), eq. 6.8, with a step of the price equilibrium in turn.
        """

        def turn(_: int, now: tuple[Array, Array]) -> tuple[Array, Array]:
            value, markup = now
            market = self.market(value, jnp.ones_like(value), 1.0, jnp.inf)
            value = value + jnp.log(share / logit.shares(market, markup))
            return value, bertrand.step(market, markup, limited=False)

        markup = logit_markup(share, self.inner.price_sensitivity)
        start = jnp.log(share / self.elsewhere) + self.inner.price_sensitivity * markup, markup
        return jax.lax.fori_loop(0, INVERSION, turn, start)

    def market(self, value: Array, alive: Array, distinctness: Array | float, capacity: Array | float) -> logit.Market:
        """The market of a month in mark-ups over the cost of serving, at which an open model is hosted.

        Two types of buyers, one product for each lab; to go elsewhere is worth 0.
        """
        alpha = self.inner.price_sensitivity / distinctness * jnp.stack([jnp.ones_like(self.care), self.care])
        weight = jnp.stack([1.0 - self.careful, self.careful])
        return logit.Market(jnp.stack([value, value]), alpha, 0.0, weight=weight, capacity=capacity).only(alive > 0.0)

    def __call__(
        self,
        *,
        capability: PerLab[ECI],
        fringe: ECI,
        distinctness: Positive,
        alternative: Positive,
        spending: bn_USD_per_year,
        lab_power: PerLab[GW],
        inference_limit: PerLab[Share],
        prev_taste: PerLab[Number],
        prev_thought: PerLab[Number],
        prev_unit_price: PerLab[Positive],
        prev_premium: PerLab[Positive],
        prev_shadow_markup: PerLab[Positive],
        prev_base_revenue_per_power: PerLab[bn_USD_per_GW_year],
        prev_alive: PerLab[Share],
        normal: PerLab[Number],
        dt: Years,
    ) -> Out:
        taste = prev_taste + self.inner.taste_noise * jnp.sqrt(dt) * normal
        worth = taste + self.inner.quality * (capability - fringe)
        thought = prev_thought - (worth - prev_thought) * jnp.expm1(-dt / self.inner.switching)
        buyers = spending / (1.0 - self.elsewhere)  # money of all who could buy, at prices without scarcity
        most = inference_limit * lab_power * prev_base_revenue_per_power / jnp.maximum(buyers, 1e-9)
        market = self.market(thought, prev_alive, distinctness, most)
        cleared = bertrand.near(market, prev_unit_price - 1.0 + prev_shadow_markup, STEPS)
        freely = bertrand.best_markup(market, cleared)
        shadow = jnp.maximum(cleared - freely, 0.0)
        markup = jnp.minimum(freely, alternative)
        unit_price = 1.0 + markup
        before, clearing = prev_unit_price * prev_premium, unit_price + shadow
        rising = before * power(clearing / before, -jnp.expm1(-dt / self.scarce.repricing))
        posted = jnp.minimum(clearing, rising)  # nothing keeps a seller from a lower price
        premium = posted / unit_price
        free, taken = logit.shares(market, markup), logit.shares(market, posted - 1.0)
        earned = prev_base_revenue_per_power * unit_price / prev_unit_price
        crowding = premium * taken / jnp.maximum(free, 1e-30)
        share = taken / jnp.maximum(jnp.sum(taken), 1e-30)
        return self.Out(
            share=share,
            taste=taste,
            thought=thought,
            unit_price=unit_price,
            premium=premium,
            crowding=crowding,
            shadow_markup=shadow,
            shadow_price=shadow * earned / unit_price,
            base_revenue_per_power=earned,
            revenue_per_power=earned * premium,
            free_demand=free * buyers,
            wanted=free * buyers * crowding,
            gross_margin=jnp.sum(share * (1.0 - 1.0 / posted)),
        )
