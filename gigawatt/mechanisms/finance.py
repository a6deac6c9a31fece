"""Finance: what investors pay, and how long money lasts (S27)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    GW,
    GW_per_year,
    Months,
    PerLab,
    PerYear,
    Positive,
    Rate,
    Share,
    Years,
    bn_USD,
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


def held_after(held, sold, post_money):
    """Share of a firm that its owners still hold after a round. [share]

    held (1 - sold / post-money valuation): a round sells new shares to the value of what it brings. What is held
    of a firm that is worth nothing stays as it is. Arguments may be arrays.
    """
    worth = post_money > 0.0
    return held * (1.0 - jnp.where(worth, sold / jnp.where(worth, post_money, 1.0), 0.0))


def raised_per_year(needed, valuation, dilution, years):
    """Money raised a year: what is needed, spread over `years`, up to a share of the firm a year. [bn USD/year]

    `needed` and `valuation` in bn USD, `dilution` is the greatest share of the firm sold a year.
    Arguments may be arrays.
    """
    return jnp.clip(needed / years, 0.0, dilution * valuation)


def appetite(growth, scale):
    """Part of their limit that investors give to a firm that grows at `growth`: nothing without growth. [share]

    1 - exp(-g / g0) above zero. Growth and scale in log points a year. Arguments may be arrays.
    """
    return -jnp.expm1(-jnp.maximum(growth, 0.0) / scale)


class Rounds(Mechanism):
    """Investors and parents fund a lab that lives, up to what it is worth to them (S27).

    Valuation is a multiple of revenue that rises with believed growth, times hope: what the observed
    valuation at the start had beyond that law, which fades. A lab raises what a
    target runway of its coming burn lacks; investors give up to a share of the firm a year, less to one that
    grows less, a parent up to what it has decided.
    """

    multiple: Positive = param("Valuation per revenue of a firm that does not grow")
    growth_premium: Years = param("Log of the valuation multiple per log growth a year")
    hope_fade: Rate = param("Rate at which a valuation's excess over that law fades")
    dilution: Share = param("Greatest share of a fast-growing firm sold to investors in a year")
    growth_scale: Rate = param("Log growth at which investors give 1 - 1/e of that")
    runway: Years = param("Coming burn that a lab wants to hold in cash")
    coming_orders: Share = param("Part of what is on order that costs like capacity in the coming year")
    round_time: Years = param("Time to close a round")
    backing: PerLab[bn_USD_per_year] = param("What a parent may add a year at the start")
    backing_growth: PerYear = param("Log growth of what parents may add")

    class Out(Signals):
        valuation: PerLab[bn_USD] = signal("Valuation")
        hope: PerLab[Positive] = signal("Valuation beyond the law for revenue and growth")
        raised: PerLab[bn_USD_per_year] = signal("Money raised from investors")
        backed: PerLab[bn_USD_per_year] = signal("Money added by parents")
        funds: PerLab[bn_USD_per_year] = signal("Money that investors and parents would add a year at most")
        parent_limit: PerLab[bn_USD_per_year] = signal("What parents may add")

    begins = ("hope", "parent_limit")

    def begin(
        self,
        *,
        valuation: PerLab[bn_USD],
        revenue: PerLab[bn_USD_per_year],
        revenue_growth: PerLab[PerYear],
    ) -> dict:
        return {"hope": valuation / self.by_law(revenue, revenue_growth), "parent_limit": self.backing}

    def by_law(self, revenue, growth):
        return revenue * self.multiple * jnp.exp(self.growth_premium * jnp.maximum(growth, 0.0))

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        prev_revenue: PerLab[bn_USD_per_year],
        lab_bill: PerLab[bn_USD_per_year],
        prev_lab_bill: PerLab[bn_USD_per_year],
        power: PerLab[GW],
        prev_power: PerLab[GW],
        on_order: PerLab[GW],
        prev_accepted: PerLab[GW_per_year],
        belief: PerLab[PerYear],
        prev_other_costs: PerLab[bn_USD_per_year],
        prev_cash: PerLab[bn_USD],
        prev_alive: PerLab[Share],
        prev_hope: PerLab[Positive],
        prev_parent_limit: PerLab[bn_USD_per_year],
        dt: Years,
    ) -> Out:
        limit = prev_parent_limit * jnp.exp(self.backing_growth * dt)
        hope = jnp.exp(jnp.log(prev_hope) * jnp.exp(-self.hope_fade * dt))
        valuation = self.by_law(revenue, belief) * hope
        dilution = self.dilution * appetite(belief, self.growth_scale)
        # the month's burn, and the coming one: with part of what is on order at today's cost; means over the month
        bill, served = 0.5 * (prev_lab_bill + lab_bill), 0.5 * (prev_power + power)
        burnt = bill + prev_other_costs - 0.5 * (prev_revenue + revenue)
        coming = self.coming_orders * (on_order + prev_accepted * dt)  # this month's orders are not placed yet
        burn = burnt + bill * coming / jnp.maximum(served, 1e-9)
        needed = jnp.maximum(burn * self.runway - (prev_cash - 0.5 * burnt * dt), 0.0)
        years = -dt / jnp.expm1(-dt / self.round_time)  # a month closes 1 - e^(-dt/T) of what is needed
        backed = raised_per_year(needed, limit, 1.0, years)
        rest = jnp.maximum(needed - backed * years, 0.0)
        return self.Out(
            valuation=prev_alive * valuation,
            hope=hope,
            raised=prev_alive * raised_per_year(rest, valuation, dilution, years),
            backed=prev_alive * backed,
            funds=prev_alive * (limit + dilution * valuation),
            parent_limit=limit,
        )


class Ownership(Mechanism):
    """What the rounds leave to the owners of the start, how dear the firm is, and how long its cash lasts (S27).

    Nothing reads these: they are what an investor would ask. Money of parents dilutes nobody.
    """

    longest: Years = param("Runway beyond which none is told")

    class Out(Signals):
        valuation_multiple: PerLab[Years] = signal("Valuation over revenue")
        held: PerLab[Share] = signal("Share of the firm that the owners of the start still hold", start=1.0)
        burn: PerLab[bn_USD_per_year] = signal("Cash used up, before finance")
        runway_left: PerLab[Months] = signal("Time that cash lasts at this burn")

    def __call__(
        self,
        *,
        valuation: PerLab[bn_USD],
        revenue: PerLab[bn_USD_per_year],
        raised: PerLab[bn_USD_per_year],
        profit: PerLab[bn_USD_per_year],
        interest: PerLab[bn_USD_per_year],
        tax: PerLab[bn_USD_per_year],
        cash: PerLab[bn_USD],
        prev_held: PerLab[Share],
        dt: Years,
    ) -> Out:
        burn = jnp.maximum(interest + tax - profit, 0.0)
        return self.Out(
            valuation_multiple=valuation_multiple(valuation, jnp.maximum(revenue, 1e-9)),
            held=held_after(prev_held, raised * dt, valuation),
            burn=burn,
            runway_left=12.0 * jnp.minimum(runway(cash, burn), self.longest),
        )
