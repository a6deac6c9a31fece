"""Orders: how much compute to buy before demand is known, and what that plan was (S18, S21, S22)."""

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtri

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.queue import Delay
from gigawatt.core.units import (
    GW,
    GW_per_year,
    Number,
    PerLab,
    PerSqrtYear,
    PerYear,
    Positive,
    Rate,
    Share,
    Years,
    bn_USD,
    bn_USD_per_GW_year,
    bn_USD_per_year,
)


def critical_fractile(revenue, cost, salvage):
    """Chance of covering demand at which one more unit neither gains nor loses. [probability]

    (r - c) / (r - s): Arrow, Harris & Marschak (1951), Econometrica 19(3):250-272. Values per unit of
    capacity: sold, bought, left idle. Arguments may be arrays.
    """
    return (revenue - cost) / (revenue - salvage)


def expected_growth(now, long_run, fade, horizon):
    """Log growth expected over a horizon when today's pace fades to a long-run pace. [log points]

    Integral of long_run + (now - long_run) e^(-fade t) over t in [0, horizon]. Paces are continuous rates and
    `fade` is per year; without fade today's pace lasts. Arguments may be arrays.
    """
    return long_run * horizon + (now - long_run) * horizon * mean_decay(fade * horizon)


def order_up_to_ratio(mean_log_growth, sd_log_growth, fractile):
    """Capacity to have on order, relative to today's demand. [multiple]

    The newsvendor's quantile exp(mu + z sd) of demand that grows lognormally over the lead time. Since costs
    are linear, the ratio does not depend on the scale (compute-bet.md 4.2). Arguments may be arrays.
    """
    return jnp.exp(mean_log_growth + ndtri(fractile) * sd_log_growth)


def order_rate(gap, spread, filled, dt):
    """Orders that close a gap over a time, on average over a step. [unit of gap, per year]

    (gap / T) (1 - e^(-f dt/T)) / (f dt/T): the gap falls at the rate f / T where a part f (`filled`) of what is wanted
    is accepted, so that a gap which suppliers leave open is wanted for the whole step. Arguments may be arrays.
    """
    return gap / spread * mean_decay(filled * dt / spread)


def breakeven_purchase(revenue, gross_margin, salvage):
    """Compute whose bill is just covered when demand turns out to be `revenue`. [bn USD/year]

    Serving that demand uses R (1 - g) of compute; the rest is idle and brings `salvage` per unit of its cost.
    R + s (C - R (1 - g)) = C gives C = R (1 - s (1 - g)) / (1 - s), which is R when idle compute is worth
    nothing. The rule behind acceptance case A49. Arguments may be arrays.
    """
    return revenue * (1.0 - salvage * (1.0 - gross_margin)) / (1.0 - salvage)


class Belief(Mechanism):
    """Each lab learns its growth from its own demand: the steady-state Kalman filter of a drifting rate.

    Exponential weighting of what was seen (Muth 1960, Journal of the American Statistical Association 55:299).
    """

    gain: PerLab[Rate] = param("Rate at which believed growth moves to what is seen")

    class Out(Signals):
        belief: PerLab[PerYear] = signal("Log growth of demand that the lab believes in")

    begins = ("belief",)

    def begin(self, *, revenue_growth: PerLab[PerYear]) -> dict:
        return {"belief": revenue_growth}

    def __call__(
        self,
        *,
        wanted: PerLab[bn_USD_per_year],
        prev_wanted: PerLab[bn_USD_per_year],
        prev_belief: PerLab[PerYear],
        dt: Years,
    ) -> Out:
        trading = (wanted > 0.0) & (prev_wanted > 0.0)  # a ruined lab sees nothing
        ratio = jnp.where(trading, wanted, 1.0) / jnp.where(trading, prev_wanted, 1.0)
        seen = jnp.where(trading, jnp.log(ratio) / dt, prev_belief)
        return self.Out(belief=prev_belief - (seen - prev_belief) * jnp.expm1(-self.gain * dt))


class OrderUpTo(Mechanism):
    """Order up to the newsvendor's quantile of demand one lead time ahead, as far as cash allows (S18).

    Growth is believed to fade to a long-run pace over the lead time; the margin of safety is the critical
    fractile, with idle compute worth its research value, or what it brings when let if that is more. The position
    is capped so that the costs it brings stay within a cautious share of expected revenue, yearly funds, and cash
    spread over the contract's reach.
    `trust` and `boldness` bend the newsvendor's ratio, which is right at 1 and 0 for a lab that orders once and
    cannot be ruined: a plan (`gigawatt plan`) chooses them, with the caps, for a lab that can.
    `committed` overrides all: a bill that the lab has bound itself to, whatever it believes.
    """

    lead: Years = param("Lead time that labs plan for")
    long_run: PerYear = param("Log growth that labs expect in the long run")
    fade: PerLab[Rate] = param("Rate at which labs expect growth to fade")
    trust: PerLab[Positive] = param("Weight of believed growth in the order")
    boldness: PerLab[Number] = param("Log of the order-up-to ratio over the newsvendor's")
    uncertainty: PerSqrtYear = param("Standard deviation of log demand that labs plan for")
    idle_value: Share = param("Worth of idle compute in research, per price")
    least_chance: Share = param("Least chance that a lab plans for, of meeting demand as of missing it")
    caution: PerLab[Share] = param("Share of expected revenue that a lab counts on when it binds itself")
    funds_counted: PerLab[Share] = param("Share of the funds on offer that a lab counts on when it binds itself")
    reach: PerLab[Years] = param("Years over which a lab spreads the cash that it holds")
    spread: Years = param("Time over which a gap is ordered")
    committed: PerLab[bn_USD_per_year] = param("Yearly bill that the lab has bound itself to reach")

    class Out(Signals):
        wanted_order: PerLab[GW_per_year] = signal("Orders wanted (IT load)", start=0.0)
        industry_orders: GW_per_year = signal("Industry orders wanted (IT load)", headline=True)
        target: PerLab[GW] = signal("Power that the lab wants in service a lead time from now")
        served_share: PerLab[Share] = signal("Share of compute that the lab plans to sell")
        expected: PerLab[bn_USD_per_year] = signal("Demand that the lab expects a lead time from now")
        cash_short: PerLab[Share] = signal("Lab would want more if its means allowed it (1) or not (0)")

    begins = ("served_share",)

    def begin(self, *, inference_share: PerLab[Share]) -> dict:
        return {"served_share": inference_share}

    def __call__(
        self,
        *,
        wanted: PerLab[bn_USD_per_year],
        prev_wanted: PerLab[bn_USD_per_year],
        belief: PerLab[PerYear],
        revenue_per_power: PerLab[bn_USD_per_GW_year],
        position: PerLab[GW],
        lapsed: PerLab[GW_per_year],
        price: bn_USD_per_GW_year,
        resale: Share,
        cash: PerLab[bn_USD],
        funds: PerLab[bn_USD_per_year],
        own_power: PerLab[GW],
        own_power_growth: PerYear,
        lab_bill: PerLab[bn_USD_per_year],
        other_costs: PerLab[bn_USD_per_year],
        alive: PerLab[Share],
        prev_served_share: PerLab[Share],
        prev_wanted_order: PerLab[GW_per_year],
        prev_accepted: PerLab[GW_per_year],
        dt: Years,
    ) -> Out:
        growth = expected_growth(belief, self.long_run, self.fade, self.lead)
        earned = prev_served_share * revenue_per_power
        fractile = critical_fractile(earned, price, jnp.maximum(self.idle_value, resale) * price)
        fractile = jnp.clip(fractile, self.least_chance, 1.0 - self.least_chance)
        ratio = order_up_to_ratio(self.trust * growth, self.uncertainty * jnp.sqrt(self.lead), fractile)
        demand = 0.5 * (prev_wanted + wanted)  # its mean over the month
        rule = demand * ratio * jnp.exp(self.boldness) / earned
        means = self.caution * demand * jnp.exp(growth) + self.funds_counted * funds + cash / self.reach
        payable = means * lab_bill / jnp.maximum(lab_bill + other_costs, 1e-9) / price
        own = own_power * jnp.exp(own_power_growth * self.lead)  # what the owner's other products will use
        target = own + jnp.maximum(jnp.minimum(rule, payable), self.committed / price)
        held = position + 0.5 * lapsed * dt  # mean over the month: what lapses in it does so bit by bit
        asking = prev_wanted_order > 0.0  # last month's part accepted; all, for who asked for nothing
        filled = jnp.where(asking, prev_accepted / jnp.where(asking, prev_wanted_order, 1.0), 1.0)
        orders = alive * order_rate(jnp.maximum(target - held, 0.0), self.spread, filled, dt)
        return self.Out(
            wanted_order=orders,
            industry_orders=jnp.sum(orders),
            target=target,
            served_share=prev_served_share,
            expected=demand * jnp.exp(growth),
            cash_short=jnp.where(payable < rule, 1.0, 0.0),
        )


class Plans(Delay):
    """What a lab expected of today when it ordered for today: the plan that its capacity was bought for (S22).

    Plans made before the start followed the same rule, on the growth of the start.
    """

    order_up_to: OrderUpTo

    class Out(Signals):
        planned: PerLab[bn_USD_per_year] = signal("Demand of today that the lab planned for", posted="expected")

    def after(self) -> dict[str, Array]:
        return {"planned": self.order_up_to.lead}

    def outstanding(
        self, *, years: Years, revenue: PerLab[bn_USD_per_year], revenue_growth: PerLab[PerYear]
    ) -> dict[str, Array]:
        """Demand had grown at the pace of the start, so plans rise to the newest one at that pace."""
        rule = self.order_up_to
        newest = revenue * jnp.exp(expected_growth(revenue_growth, rule.long_run, rule.fade, rule.lead))
        left = jnp.maximum(rule.lead - years, 0.0)
        return {"planned": newest * left * mean_decay(revenue_growth * left)}
