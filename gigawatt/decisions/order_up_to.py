"""Capacity relative to today's demand when demand grows at random.

Demand is a geometric Brownian motion, so every answer is a ratio to demand now and does not depend on its size.
Arguments may be arrays; all functions run under jit, vmap and grad.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from gigawatt.decisions import newsvendor
from gigawatt.decisions.distributions import Lognormal
from gigawatt.decisions.elementwise import require
from gigawatt.decisions.options import beta1


class OrderUpTo(NamedTuple):
    """What to hold for demand one lead time ahead; amounts are multiples of demand now."""

    fractile: jax.Array  # chance that demand is covered, (r - c) / (r - s)
    ratio: jax.Array  # capacity K* / D
    expected_demand: jax.Array
    expected_shortage: jax.Array
    expected_profit: jax.Array  # money per unit of demand now
    safety: jax.Array  # capacity over median demand


def demand_ratio(drift, sigma, lead_time) -> Lognormal:
    """Demand `lead_time` years ahead over demand now: ln N(drift L, sigma^2 L).

    `drift` is of log demand, per year; `sigma` per square root of a year. Raises InputError if sigma or the lead
    time is not above 0.
    """
    require("lead_time", lead_time, lead_time > 0.0, "the order is made before demand is known")
    return Lognormal(drift * lead_time, sigma * jnp.sqrt(lead_time))


def order_up_to(drift, sigma, lead_time, revenue, cost, salvage=0.0) -> OrderUpTo:
    """The newsvendor's capacity under lognormal growth: K* / D = exp(drift L + z sigma sqrt(L)).

    z is the normal quantile of (r - c) / (r - s). Expected shortage is a lognormal partial expectation (a call of
    Black & Scholes 1973 without interest). Raises InputError unless salvage < cost < revenue, and as
    `demand_ratio` does.
    """
    law = demand_ratio(drift, sigma, lead_time)
    ratio = newsvendor.order_for_profit(law, revenue, cost, salvage)
    return OrderUpTo(
        fractile=newsvendor.critical_fractile(*newsvendor.over_and_under(revenue, cost, salvage)),
        ratio=ratio,
        expected_demand=law.mean,
        expected_shortage=law.shortage(ratio),
        expected_profit=newsvendor.expected_profit(law, ratio, revenue, cost, salvage),
        safety=ratio / jnp.exp(law.mu),
    )


class HittingTime(NamedTuple):
    """Discounting to the random time at which demand has grown by a factor."""

    beta: jax.Array
    discount: jax.Array  # E exp(-r tau)
    trend: jax.Array  # log growth of the median, per year
    equivalent_rate: jax.Array  # discount rate that gives the same if demand followed its trend


def hitting_time(drift, sigma, rate, factor) -> HittingTime:
    """E exp(-r tau) = f^-beta1 for the first time tau at which dD = drift D dt + sigma D dW reaches f D0.

    It equals growth without uncertainty at the trend g = drift - sigma^2 / 2, discounted at beta1 g < r: Bean, Higle
    & Smith (1992), Operations Research 40:S210. `drift` here is of expected demand. With a trend of 0 or below the
    equivalent rate has no meaning. Raises InputError if sigma or rate is not above 0, or the factor is below 1.
    """
    require("factor", factor, factor >= 1.0, "demand is to grow, so the factor is 1 or more")
    beta = beta1(drift, sigma, rate)
    trend = drift - 0.5 * sigma**2
    return HittingTime(beta, factor**-beta, trend, beta * trend)
