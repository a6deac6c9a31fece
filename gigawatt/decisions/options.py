"""The worth of waiting: when to commit to an investment that cannot be undone.

McDonald & Siegel (1986), Quarterly Journal of Economics 101:707; Dixit & Pindyck (1994), Investment under
Uncertainty, chapters 2 and 5. A project worth V grows as dV = (r - delta) V dt + sigma V dW under the pricing
measure, with `rate` r, `payout` delta and `sigma` per year. Arguments may be arrays; all functions run under jit,
vmap and grad.
"""

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp

from gigawatt.core.errors import InputError
from gigawatt.decisions.elementwise import require

Paid = Literal["completion", "order"]


def beta1(drift, sigma, rate):
    """Positive root b of sigma^2 b (b - 1) / 2 + drift b - rate = 0. [-]

    The power in E exp(-rate tau) = f^-b, with tau the time at which a geometric Brownian motion has grown f-fold.
    Raises InputError if sigma or rate is not above 0.
    """
    require("sigma", sigma, sigma > 0.0, "without uncertainty there is nothing to wait for")
    require("rate", rate, rate > 0.0, "a discount rate is above 0")
    trend = drift - 0.5 * sigma**2
    spread = jnp.sqrt(trend**2 + 2.0 * rate * sigma**2)
    # two forms of one root: each loses digits where the other is used
    return jnp.where(trend > 0.0, 2.0 * rate / (jnp.abs(trend) + spread), (spread - trend) / sigma**2)


def threshold_multiple(rate, payout, sigma):
    """Worth per cost at which to invest without lag: beta1 / (beta1 - 1). [multiple]

    Raises InputError if payout, sigma or rate is not above 0.
    """
    require("payout", payout, payout > 0.0, "a project that pays out nothing is never worth starting")
    beta = beta1(rate - payout, sigma, rate)
    return beta / (beta - 1.0)


def _on_delivery(cost, rate, payout, lag, paid: Paid):
    """Present worth per unit of V and present cost, seen from the order."""
    require("cost", cost, cost > 0.0, "an investment costs something")
    require("lag", lag, lag >= 0.0, "a project cannot be ready before it is ordered")
    if paid not in ("completion", "order"):
        raise InputError(f"paid is {paid!r}: choose 'completion' or 'order'")
    return jnp.exp(-payout * lag), cost * (jnp.exp(-rate * lag) if paid == "completion" else 1.0)


def threshold(cost, rate, payout, sigma, lag=0.0, paid: Paid = "completion"):
    """Worth V at which to invest. [unit of cost]

    The project is delivered `lag` years after the order, when its worth is discounted to V e^(-delta lag); `cost` I
    is paid on "completion" (I e^(-r lag)) or at the "order" (I). Invest when the first is `threshold_multiple`
    times the second. Raises InputError for a cost not above 0, a negative lag, another `paid`, and as
    `threshold_multiple`.
    """
    worth, price = _on_delivery(cost, rate, payout, lag, paid)
    return threshold_multiple(rate, payout, sigma) * price / worth


def option_value(value, cost, rate, payout, sigma, lag=0.0, paid: Paid = "completion"):
    """Worth of the right to invest when the project is worth `value` V. [unit of cost]

    The gain at the threshold V* times (V / V*)^beta1 below it, the gain of investing now above it; never below
    that gain, and equal to it from V* on. Arguments and errors as in `threshold`.
    """
    worth, price = _on_delivery(cost, rate, payout, lag, paid)
    at = threshold(cost, rate, payout, sigma, lag, paid)
    waiting = (worth * at - price) * (value / at) ** beta1(rate - payout, sigma, rate)
    return jnp.where(value < at, waiting, worth * value - price)


class Wait(NamedTuple):
    """Net present values of investing now and of waiting one period, and the worth of being free to choose."""

    now: jax.Array
    wait: jax.Array
    option: jax.Array


def two_period_wait(price, up, down, probability_up, cost, discount) -> Wait:
    """Invest now or look first: the price moves once, after one period, and stays for ever. [unit of cost]

    Now: P0 + E P1 / k - I; waiting: E max(P1 (1 + 1 / k) - I, 0) / (1 + k); the option is worth the better of the
    two less max(now, 0). `discount` k is per period. Raises InputError if the probability lies outside [0, 1] or
    the discount is not above 0. Dixit & Pindyck (1994), chapter 2.
    """
    p, k = probability_up, discount
    require("probability_up", p, (p >= 0.0) & (p <= 1.0), "a probability lies in [0, 1]")
    require("discount", k, k > 0.0, "a discount rate is above 0, or the project is worth more than any sum")
    now = price + (p * up + (1.0 - p) * down) / k - cost
    good, bad = (jnp.maximum(later * (1.0 + 1.0 / k) - cost, 0.0) for later in (up, down))
    wait = (p * good + (1.0 - p) * bad) / (1.0 + k)
    return Wait(jnp.asarray(now), wait, jnp.maximum(now, wait) - jnp.maximum(now, 0.0))
