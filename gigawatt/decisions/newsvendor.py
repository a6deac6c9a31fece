"""The newsvendor: how much to have ready before demand is known, in cost form and in profit form.

Arrow, Harris & Marschak (1951), Econometrica 19(3):250-272. `demand` is any distribution of
`gigawatt.decisions.distributions`; other arguments are numbers or arrays that broadcast with its fields. All
functions run under jit, vmap and grad. Amounts are in the unit of demand, prices in money per unit.
"""

import jax.numpy as jnp

from gigawatt.decisions.distributions import Demand
from gigawatt.decisions.elementwise import require


def _within_lead(demand: Demand, lead_time) -> Demand:
    if isinstance(lead_time, int | float) and lead_time == 0:
        return demand  # as it stands, so that demand without a closed-form sum is served too
    require("lead_time", lead_time, lead_time >= 0, "an order cannot arrive before it is placed")
    return demand.over(lead_time + 1)


def _check_costs(holding, stockout) -> None:
    require("holding", holding, holding > 0.0, "if left-over units cost nothing, the order has no bound")
    require("stockout", stockout, stockout > 0.0, "if missing units cost nothing, nothing should be ordered")


def critical_fractile(holding, stockout):
    """Chance of covering demand at which one unit more neither gains nor loses: p / (h + p). [probability]"""
    return stockout / (holding + stockout)


def order(demand: Demand, holding, stockout, lead_time=0):
    """Base-stock level that minimises the expected cost per period. [unit of demand]

    F^-1(p / (h + p)), with F the distribution of demand over the lead time and one period more; for discrete
    demand the smallest minimiser. `holding` h and `stockout` p are costs per unit and period, `lead_time` is in
    periods. Raises InputError if a cost is not above 0, the lead time is negative, or demand over several periods
    has no closed form. Snyder & Shen (2019), Fundamentals of Supply Chain Theory, section 4.3.
    """
    _check_costs(holding, stockout)
    return _within_lead(demand, lead_time).quantile(critical_fractile(holding, stockout))


def cost(demand: Demand, quantity, holding, stockout, lead_time=0):
    """Expected cost per period of a base-stock level: h E(q - D)+ + p E(D - q)+. [money]

    Arguments and errors as in `order`.
    """
    _check_costs(holding, stockout)
    demand = _within_lead(demand, lead_time)
    return holding * demand.excess(quantity) + stockout * demand.shortage(quantity)


def over_and_under(revenue, cost, salvage=0.0, holding=0.0, stockout=0.0):
    """What a unit too many and a unit too few cost in the profit form: c - s + h and r - c + p. [money per unit]

    Raises InputError if either is not above 0: the order would be unbounded, or nothing.
    """
    over, under = cost - salvage + holding, revenue - cost + stockout
    require("salvage", salvage, over > 0.0, "it must be below cost + holding, or the order has no bound")
    require("revenue", revenue, under > 0.0, "it must be above cost - stockout, or nothing should be ordered")
    return over, under


def order_for_profit(demand: Demand, revenue, cost, salvage=0.0, holding=0.0, stockout=0.0):
    """Order that maximises `expected_profit`: F^-1((r - c + p) / (r - s + h + p)). [unit of demand]

    Raises InputError as `over_and_under` does.
    """
    return order(demand, *over_and_under(revenue, cost, salvage, holding, stockout))


def expected_profit(demand: Demand, quantity, revenue, cost, salvage=0.0, holding=0.0, stockout=0.0):
    """r E min(q, D) + (s - h) E(q - D)+ - p E(D - q)+ - c q. [money]

    That is (r - c) E D less the cost of the mismatch. `revenue`, `cost` and `salvage` are per unit sold, bought
    and left over; `holding` and `stockout` come on top. Raises InputError as `over_and_under` does.
    """
    over, under = over_and_under(revenue, cost, salvage, holding, stockout)
    return (revenue - cost) * demand.mean - over * demand.excess(quantity) - under * demand.shortage(quantity)


def _check_supply(demand, disruption, recovery) -> None:
    require("demand", demand, demand > 0.0, "demand per period is above 0")
    require("disruption", disruption, (disruption >= 0.0) & (disruption <= 1.0), "a probability lies in [0, 1]")
    require(
        "recovery", recovery, (recovery > 0.0) & (recovery <= 1.0), "a probability above 0, or supply never returns"
    )


def order_with_disruptions(demand, holding, stockout, disruption, recovery):
    """Base-stock level for known demand when supply itself fails at random. [unit of demand]

    Supply that works fails with probability `disruption` per period, failed supply returns with probability
    `recovery`. After n periods without supply, n + 1 periods of demand are to be covered, so S = d (1 + n) with
    the smallest n for which the chance of a longer failure, a / (a + b) (1 - b)^n, is at most h / (h + p).
    Snyder & Shen (2019), Fundamentals of Supply Chain Theory, chapter 9. Raises InputError if costs or demand
    are not above 0 or a probability lies outside its range.
    """
    _check_costs(holding, stockout)
    _check_supply(demand, disruption, recovery)
    down, stays = disruption / (disruption + recovery), 1.0 - recovery
    allowed = (1.0 - critical_fractile(holding, stockout)) * (1.0 + 1e-12)  # a tie is met in spite of rounding
    exact = jnp.log(allowed / jnp.maximum(down, 1e-300)) / jnp.log(jnp.maximum(stays, 1e-300))
    n = jnp.maximum(jnp.ceil(exact), 0.0)
    return demand * (1.0 + n)


def cost_with_disruptions(demand, quantity, holding, stockout, disruption, recovery):
    """Expected cost per period of a base-stock level when supply fails at random. [money]

    Sum over n of pi_n (h (S - (n + 1) d)+ + p ((n + 1) d - S)+), with pi_n the long-run chance that supply has
    failed for n periods: b / (a + b) at n = 0, then a b / (a + b) (1 - b)^(n - 1). Here in closed form.
    Arguments, errors and source as in `order_with_disruptions`.
    """
    _check_costs(holding, stockout)
    _check_supply(demand, disruption, recovery)
    down, stays = disruption / (disruption + recovery), 1.0 - recovery
    spare = quantity / demand - 1.0  # periods without supply that the stock outlasts
    whole = jnp.maximum(jnp.floor(spare), 0.0)
    longer = down * stays**whole * (whole + 1.0 - spare + stays / recovery)
    missing = jnp.where(spare < 0.0, down / recovery - spare, longer)
    left = spare - down / recovery + missing
    return demand * (holding * left + stockout * missing)
