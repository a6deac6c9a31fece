"""Market: who wins the demand, and at what margin (S24-S26)."""

import jax.numpy as jnp
from jax import Array

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
    return jnp.maximum(wanted / jnp.maximum(served, 1e-9), 1.0) ** (1.0 / elasticity)


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
        premium = prev_premium * (clearing / prev_premium) ** -jnp.expm1(-dt / self.repricing)
        return self.Out(premium=premium, crowding=premium ** (1.0 - self.elasticity))


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
