"""Limits: chips, power and capital each bound what can be ordered, and each grows in its own way (S19).

Makers of chips and builders of sites expand towards what is asked of them, the flexible accelerator of Chenery (1952),
Econometrica 20(1):1-28, and Koyck (1954); faster than some pace they cannot. Owners and lenders have so much capital a
year. The least of the three is shared out, and each month says which it was. The two laws at the end read the stated
build-out figures as additions or as the stock.
"""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    GW,
    GW_per_year,
    Number,
    PerLab,
    PerYear,
    Positive,
    Rate,
    Share,
    Years,
    bn_USD_per_GW,
    bn_USD_per_GW_year,
    bn_USD_per_year,
    bn_USD_per_year2,
)


def capacity_growth(asked, capacity, use, worth, elasticity, time, fastest):
    """Log growth of what makers can deliver, in answer to unfilled orders and to price. [1/year]

    They want a capacity of (asked / use) worth^elasticity: `use` is the part of it that they plan to have at work,
    below one where demand grows (Chenery's overcapacity), `worth` the price over the cost. They approach it over
    `time` years and can grow by `fastest` at most. What stands stays: growth is never below zero. May be arrays.
    """
    wish = jnp.log(jnp.maximum(asked, 1e-9) / (use * capacity)) + elasticity * jnp.log(worth)
    return jnp.clip(wish / time, 0.0, fastest)


def capital_on_offer(owners, lending, revenue):
    """Capital that owners spend and lenders add a year. [bn USD/year]

    Lenders add `lending` times the yearly revenue that would serve the debt. Arguments may be arrays.
    """
    return owners + lending * revenue


def ration(wanted, limit):
    """What each buyer gets when all are cut by the same factor to stay within a limit. [unit of wanted]

    Buyers lie along the last axis; `limit` has the remaining shape (a number for a row of buyers).
    """
    wanted = jnp.asarray(wanted)
    asked = jnp.sum(wanted, axis=-1)
    short = asked > limit
    factor = jnp.where(short, limit / jnp.where(short, asked, 1.0), 1.0)
    return wanted * jnp.expand_dims(factor, -1)


def affordable(position, price, spending):
    """Orders a year that keep the industry's later bill within `spending`. [GW/year]

    What is missing to the ceiling may be ordered within a year.
    """
    return jnp.maximum(spending / price - jnp.sum(position), 0.0)


def who_binds(asked, limits, short_of_cash):
    """Which limit the industry's orders stand at: shares that sum to one. [share, (..., limits + 1)]

    `limits` (..., k) holds chips, power, capital. Where the least is below what is asked it binds alone. Where none is,
    buyers stand at their own limit: the part `short_of_cash` of them at capital, the last of `limits`, the rest at
    demand, which comes last in the answer.
    """
    least = jnp.argmin(limits, axis=-1)
    at = least[..., None] == jnp.arange(limits.shape[-1])
    free = asked <= jnp.min(limits, axis=-1)
    cash = jnp.where(free, short_of_cash, 0.0)
    bound = jnp.where(free[..., None], 0.0, 1.0) * at
    bound = bound.at[..., -1].add(cash)
    return jnp.concatenate([bound, jnp.where(free, 1.0 - short_of_cash, 0.0)[..., None]], axis=-1)


class Limits(Mechanism):
    """Orders are taken on as far as chips, sites with power, and capital go (S19); buyers are cut alike.

    Nor may the industry's later bill pass a share of world output: lenders would not see it paid.
    """

    use: Share = param("Part of their capacity that makers plan to have at work")
    price_response: Positive = param("Log capacity that makers want per log of price over cost")
    chip_time: Years = param("Time in which makers of chips answer orders")
    chip_fastest: Rate = param("Greatest log growth of the output of chips")
    site_time: Years = param("Time in which builders of sites answer orders")
    site_fastest: Rate = param("Greatest log growth of sites with power")
    capital_growth: PerYear = param("Log growth of what owners spend")
    lending: Years = param("What lenders add a year per yearly revenue")
    output_share: Share = param("Greatest share of world output that may be spent on compute")

    class Out(Signals):
        accepted: PerLab[GW_per_year] = signal("Orders accepted", start=0.0)
        accepted_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of orders accepted")
        order_limit: GW_per_year = signal("Orders that suppliers can take on a year")
        chip_limit: GW_per_year = signal("Orders that makers of chips can take on a year (IT load)")
        site_limit: GW_per_year = signal("Orders that sites with power can take on a year (IT load)")
        owner_capital: bn_USD_per_year = signal("What owners spend on new compute a year")
        capital_limit: GW_per_year = signal("Orders that owners and lenders can pay for a year (IT load)")
        chips_bind: Share = signal("Orders bound by chips", headline=True)
        power_binds: Share = signal("Orders bound by sites with power", headline=True)
        capital_binds: Share = signal("Orders bound by capital", headline=True)
        demand_binds: Share = signal("Orders bound by demand", headline=True)

    def __call__(
        self,
        *,
        wanted_order: PerLab[GW_per_year],
        target: PerLab[GW],
        cash_short: PerLab[Share],
        position: PerLab[GW],
        price: bn_USD_per_GW_year,
        price_over_cost: Number,
        capital_per_power: bn_USD_per_GW,
        industry_revenue: bn_USD_per_year,
        prev_output: bn_USD_per_year,
        prev_chip_limit: GW_per_year,
        prev_site_limit: GW_per_year,
        prev_owner_capital: bn_USD_per_year,
        dt: Years,
    ) -> Out:
        asked = jnp.sum(wanted_order)
        makers = jnp.stack([prev_chip_limit, prev_site_limit])
        time, fastest = jnp.stack([self.chip_time, self.site_time]), jnp.stack([self.chip_fastest, self.site_fastest])
        growth = capacity_growth(asked, makers, self.use, price_over_cost, self.price_response, time, fastest)
        # orders are a rate over the month and meet the limits of its middle; each limit goes on to its end
        (mid_chips, mid_sites), (chips, sites) = (makers * jnp.exp(growth * t) for t in (0.5 * dt, dt))
        mid_owners, owners = (prev_owner_capital * jnp.exp(self.capital_growth * t) for t in (0.5 * dt, dt))
        room = affordable(position, price, self.output_share * prev_output)
        capital = jnp.minimum(capital_on_offer(mid_owners, self.lending, industry_revenue) / capital_per_power, room)
        limits = jnp.stack([mid_chips, mid_sites, capital])
        mostly = jnp.sum(target * cash_short) > 0.5 * jnp.sum(target)  # by what buyers would like to have
        binds = who_binds(asked, limits, jnp.where(mostly, 1.0, 0.0))
        accepted = ration(wanted_order, jnp.min(limits))
        return self.Out(
            accepted=accepted,
            accepted_bill=accepted * price,
            order_limit=jnp.min(limits),
            chip_limit=chips,
            site_limit=sites,
            owner_capital=owners,
            capital_limit=capital,
            chips_bind=binds[0],
            power_binds=binds[1],
            capital_binds=binds[2],
            demand_binds=binds[3],
        )


class AllocationByFlow(Mechanism):
    """Makers of chips and sites take on so many gigawatts a year; buyers who want more are cut alike.

    The build-out figures read as yearly additions (S19). Nor may the industry's bill pass a share of output.
    """

    limit_growth: PerYear = param("Log growth of what suppliers can accept")
    output_share: Share = param("Greatest share of world output that may be spent on compute")

    class Out(Signals):
        accepted: PerLab[GW_per_year] = signal("Orders accepted", start=0.0)
        accepted_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of orders accepted")
        order_limit: GW_per_year = signal("Orders that suppliers can take on a year")
        flow_limit: GW_per_year = signal("Orders that suppliers can take on a year, at the end of the month")

    def __call__(
        self,
        *,
        wanted_order: PerLab[GW_per_year],
        position: PerLab[GW],
        price: bn_USD_per_GW_year,
        prev_output: bn_USD_per_year,
        prev_flow_limit: GW_per_year,
        dt: Years,
    ) -> Out:
        # orders are a rate over the month and meet the limit of its middle; it goes on to its end
        middle, end = (prev_flow_limit * jnp.exp(self.limit_growth * t) for t in (0.5 * dt, dt))
        room = affordable(position, price, self.output_share * prev_output)
        accepted = ration(wanted_order, jnp.minimum(middle, room))
        return self.Out(accepted=accepted, accepted_bill=accepted * price, order_limit=middle, flow_limit=end)


class AllocationByStock(Mechanism):
    """The same where the build-out figures are read as the stock in service (S19)."""

    limit_growth: PerYear = param("Log growth of the stock that can be in service or on order")
    output_share: Share = param("Greatest share of world output that may be spent on compute")

    class Out(Signals):
        accepted: PerLab[GW_per_year] = signal("Orders accepted", start=0.0)
        accepted_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of orders accepted")
        stock_limit: GW = signal("Stock that can be in service or on order (IT load)")

    def __call__(
        self,
        *,
        wanted_order: PerLab[GW_per_year],
        position: PerLab[GW],
        price: bn_USD_per_GW_year,
        prev_output: bn_USD_per_year,
        prev_stock_limit: GW,
        dt: Years,
    ) -> Out:
        limit = prev_stock_limit * jnp.exp(self.limit_growth * dt)
        free = jnp.maximum(limit - jnp.sum(position), 0.0) / dt  # what is free may be taken within the step
        room = affordable(position, price, self.output_share * prev_output)
        accepted = ration(wanted_order, jnp.minimum(free, room))
        return self.Out(accepted=accepted, accepted_bill=accepted * price, stock_limit=limit)
