"""Market: who wins the demand, and at what margin (S24-S26)."""

import jax
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
    weight = present * jnp.exp(utility - jnp.where(jnp.isfinite(top), top, 0.0))
    return weight / jnp.maximum(jnp.sum(weight, axis=-1, keepdims=True), 1e-30)


def logit_markup(share, price_sensitivity):
    """Bertrand mark-up of a firm with one product under logit demand. [unit of price]

    p - c = 1 / (alpha (1 - s)): Anderson, de Palma & Thisse (1992), eq. 7.9; Berry (1994), RAND Journal of
    Economics 25:242. Arguments may be arrays.
    """
    return 1.0 / (price_sensitivity * (1.0 - share))


def mean_utility(share):
    """Utility that explains observed shares, up to a constant: Berry's inversion ln s. [log]"""
    return jnp.log(share)


class Logit(Mechanism):
    """Buyers choose among labs by capability, price and habit; each lab marks up what it costs to serve.

    Tastes are inverted from observed shares, so that the start is met exactly; they wander. Shares move to
    the logit's over a switching time. Prices are Bertrand's at last month's shares: one step of the fixed point a
    month, cost of serving normalised to one. A labs' revenue per power moves with its price.
    """

    quality: PerECI = param("Log odds of being chosen per point of capability")
    price_sensitivity: Positive = param("Log odds of being chosen per price, in units of the cost of serving")
    switching: Years = param("Time in which shares move to what buyers would choose afresh")
    taste_noise: PerSqrtYear = param("Standard deviation of the walk of tastes")
    share_max: Share = param("Greatest share at which a lab prices (stands for buyers who would not buy at all)")

    class Out(Signals):
        share: PerLab[Share] = signal("Share of demand", headline=True)
        taste: PerLab[Number] = signal("Taste for the lab beyond capability and price")
        unit_price: PerLab[Positive] = signal("Price per cost of serving")
        revenue_per_power: PerLab[bn_USD_per_GW_year] = signal("Revenue per power that serves customers")
        wanted: PerLab[bn_USD_per_year] = signal("Demand for the lab's services")

    begins = ("share", "taste", "unit_price", "revenue_per_power", "wanted")

    def begin(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        capability: PerLab[ECI],
        inference_share: PerLab[Share],
        power: PerLab[GW],
    ) -> dict[str, Array]:
        share = revenue / jnp.sum(revenue)
        unit_price = self.priced(share)
        return {
            "share": share,
            "unit_price": unit_price,
            "taste": mean_utility(share) - self.quality * capability + self.price_sensitivity * unit_price,
            "revenue_per_power": revenue / (inference_share * power),
            "wanted": revenue,
        }

    def priced(self, share: Array) -> Array:
        return 1.0 + logit_markup(jnp.minimum(share, self.share_max), self.price_sensitivity)

    def __call__(
        self,
        *,
        capability: PerLab[ECI],
        spending: bn_USD_per_year,
        prev_share: PerLab[Share],
        prev_taste: PerLab[Number],
        prev_unit_price: PerLab[Positive],
        prev_revenue_per_power: PerLab[bn_USD_per_GW_year],
        prev_alive: PerLab[Share],
        key: Array,
        dt: Years,
    ) -> Out:
        shock = jax.random.normal(key, prev_taste.shape)
        taste = prev_taste + self.taste_noise * jnp.sqrt(dt) * shock
        unit_price = self.priced(prev_share)
        chosen = logit_shares(
            self.quality * capability - self.price_sensitivity * unit_price + taste, prev_alive
        )
        moved = prev_alive * (prev_share - (chosen - prev_share) * jnp.expm1(-dt / self.switching))
        share = moved / jnp.maximum(jnp.sum(moved), 1e-30)
        return self.Out(
            share=share,
            taste=taste,
            unit_price=unit_price,
            revenue_per_power=prev_revenue_per_power * unit_price / prev_unit_price,
            wanted=share * spending,
        )
