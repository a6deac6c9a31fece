"""Finance: what investors pay, and how long money lasts (S27)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    GW,
    PerLab,
    PerYear,
    Positive,
    Share,
    Years,
    bn_USD,
    bn_USD_per_GW_year,
    bn_USD_per_year,
)


def valuation_multiple(valuation, run_rate):
    """Valuation over yearly revenue. [multiple, in years]

    Arguments may be arrays.
    """
    return valuation / run_rate


def runway(cash, burn):
    """Time until cash is used up at a constant burn. [years for cash in USD and burn in USD/year]

    Infinite when nothing is burnt, zero when nothing is left. Arguments may be arrays.
    """
    burning = burn > 0.0
    left = jnp.maximum(cash, 0.0)
    return jnp.where(burning, left / jnp.where(burning, burn, 1.0), jnp.inf)


def raised_per_year(needed, valuation, dilution, years):
    """Money raised a year: what is needed, spread over `years`, up to a share of the firm a year. [bn USD/year]

    `needed` and `valuation` in bn USD, `dilution` is the greatest share of the firm sold a year.
    Arguments may be arrays.
    """
    return jnp.clip(needed / years, 0.0, dilution * valuation)


class Rounds(Mechanism):
    """Investors and parents fund a lab that lives, up to what its growth is worth to them (S27).

    A lab asks for enough to pay a target runway of its burn, counting what it has on order; investors give up
    to a share of the firm a year, valued at a multiple of revenue that rises with believed growth. A parent adds
    what it has decided to.
    """

    multiple: Positive = param("Valuation per revenue of a firm that does not grow")
    growth_premium: Years = param("Log of the valuation multiple per log growth a year")
    dilution: Share = param("Greatest share of the firm sold to investors in a year")
    runway: Years = param("Burn that a lab wants to hold in cash")
    round_time: Years = param("Time to close a round")
    backing: PerLab[bn_USD_per_year] = param("What a parent may add a year at the start")
    backing_growth: PerYear = param("Log growth of what parents may add")

    class Out(Signals):
        valuation: PerLab[bn_USD] = signal("Valuation")
        raised: PerLab[bn_USD_per_year] = signal("Money raised from investors")
        backed: PerLab[bn_USD_per_year] = signal("Money added by parents")
        funds: PerLab[bn_USD_per_year] = signal("Money that investors and parents would add a year at most")
        parent_limit: PerLab[bn_USD_per_year] = signal("What parents may add")

    begins = ("parent_limit",)

    def begin(self) -> dict:
        return {"parent_limit": self.backing}

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        bill: PerLab[bn_USD_per_year],
        on_order: PerLab[GW],
        price: bn_USD_per_GW_year,
        prev_belief: PerLab[PerYear],
        prev_other_costs: PerLab[bn_USD_per_year],
        prev_cash: PerLab[bn_USD],
        prev_alive: PerLab[Share],
        prev_parent_limit: PerLab[bn_USD_per_year],
        dt: Years,
    ) -> Out:
        limit = prev_parent_limit * jnp.exp(self.backing_growth * dt)
        valuation = revenue * self.multiple * jnp.exp(self.growth_premium * jnp.maximum(prev_belief, 0.0))
        # next year's burn: today's costs and what is on order, against revenue at half a year's believed growth
        ahead = bill + price * on_order + prev_other_costs - revenue * jnp.exp(0.5 * prev_belief)
        needed = jnp.maximum(ahead * self.runway - prev_cash, 0.0)
        backed = prev_alive * raised_per_year(needed, limit, 1.0, self.round_time)
        rest = jnp.maximum(needed - backed * self.round_time, 0.0)
        return self.Out(
            valuation=prev_alive * valuation,
            raised=prev_alive * raised_per_year(rest, valuation, self.dilution, self.round_time),
            backed=backed,
            funds=prev_alive * (limit + self.dilution * valuation),
            parent_limit=limit,
        )
