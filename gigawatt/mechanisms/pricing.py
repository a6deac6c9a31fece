"""Pricing: who gets the value of a task, by the form in which AI is sold (S29).

Tasks differ in value by many orders of magnitude. A form of pricing is a metric (tokens, hours, seats, results): the
better the metric predicts the value of a task, the more the seller captures and the less is left undone.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

FREE = 1e-300  # a price of zero has no log
REACH = 40.0  # standard units: no task lies further from the median
STEPS = 60  # halvings of the bracket of a price, below the last digit of float64


class Lognormal(NamedTuple):
    """Values of tasks whose log is normal. median: [USD per task]; spread: standard deviation of the log."""

    median: float
    spread: float

    @property
    def mean(self):
        """Mean value of a task. [the unit of median]"""
        return self.median * jnp.exp(0.5 * jnp.square(self.spread))

    def above(self, price):
        """Share of tasks worth at least the price. [share]"""
        return norm.cdf(self._below(price))

    def worth_above(self, price):
        """Value, per task there is, of the tasks worth at least the price. [the unit of median]"""
        return self.mean * norm.cdf(self._below(price) + self.spread)

    def _below(self, price):
        """Standard units by which the price lies below the median; a price of zero is very low."""
        return jnp.log(self.median / jnp.maximum(price, FREE)) / self.spread

    def best_price(self, cost):
        """Price with the most profit, (p - c) S(p). [the unit of median]

        The root of Lerner's rule 1 - c/p = 1/e(p); the elasticity e(p), the hazard of the log value, rises in p, so
        that there is one root. Differentiable. Arguments may be arrays.
        """

        def gap(z):  # z: standard units of the log price
            lerner = 1.0 - cost / (self.median * jnp.exp(self.spread * z))
            return lerner - self.spread * jnp.exp(norm.logsf(z) - norm.logpdf(z))

        at_cost = jnp.log(jnp.maximum(cost, FREE) / self.median) / self.spread
        z = jax.lax.stop_gradient(_root(gap, jnp.maximum(at_cost, -REACH), jnp.maximum(at_cost, 0.0) + REACH))
        slope = jax.lax.stop_gradient(jax.jvp(gap, (z,), (jnp.ones_like(z),))[1])
        return self.median * jnp.exp(self.spread * (z - gap(z) / slope))  # one Newton step carries the derivative


class Pareto(NamedTuple):
    """Values of tasks with a power-law tail. least: least value [USD per task]; tail: exponent, above one."""

    least: float
    tail: float

    @property
    def mean(self):
        """Mean value of a task. [the unit of least]"""
        return self.least * self.tail / (self.tail - 1.0)

    def above(self, price):
        """Share of tasks worth at least the price. [share]"""
        return jnp.divide(self.least, jnp.maximum(price, self.least)) ** self.tail

    def worth_above(self, price):
        """Value, per task there is, of the tasks worth at least the price. [the unit of least]"""
        return jnp.maximum(price, self.least) * self.tail / (self.tail - 1.0) * self.above(price)

    def best_price(self, cost):
        """Price with the most profit: c a / (a - 1), or the least value where that is higher. [the unit of least]"""
        return jnp.maximum(cost * self.tail / (self.tail - 1.0), self.least)


Values = Lognormal | Pareto


class Split(NamedTuple):
    """Who gets what, per task there is. [the unit of the values]

    revenue, cost: of the seller; surplus: of buyers; deadweight: gains from trade that nobody gets.
    """

    revenue: jax.Array
    cost: jax.Array
    surplus: jax.Array
    deadweight: jax.Array

    @property
    def profit(self):
        """Revenue less cost of serving. [the unit of the values]"""
        return self.revenue - self.cost

    @property
    def capture(self):
        """Seller's part of all gains from trade that there could be. [share]"""
        return self.profit / (self.profit + self.surplus + self.deadweight)


def gains(values: Values, cost):
    """All gains from trade: every task done that is worth more than it costs. [the unit of the values]"""
    return values.worth_above(cost) - cost * values.above(cost)


def _split(values, revenue, worth, served, cost) -> Split:
    spent = cost * served
    return Split(revenue, spent, worth - revenue, gains(values, cost) - (worth - spent))


def per_token(values: Values, price, cost) -> Split:
    """One price for all tasks of the same tokens. price, cost: [USD per task]

    Buyers do the tasks that are worth the price. Arguments may be arrays.
    """
    served = values.above(price)
    return _split(values, price * served, values.worth_above(price), served, cost)


def outcome(values: Values, share, cost, measurable=1.0) -> Split:
    """Buyers pay a share of the value of a result; the seller does the tasks whose share covers the cost.

    measurable: share of tasks whose result both sides can measure; no other task is sold. Arguments may be arrays.
    """
    least = jnp.divide(cost, share)
    worth, served = measurable * values.worth_above(least), measurable * values.above(least)
    return _split(values, share * worth, worth, served, cost)


def hourly(values: Lognormal, explained, cost) -> Split:
    """The best price per hour of labour replaced, where hours explain a share of the variance of log value.

    The value per hour then has spread sqrt(1 - explained) and the same mean, and the price per hour is set on it:
    none explained is a price per token, all explained a price by value. The cost of a task goes with its hours.
    Deadweight is against tasks valued by the hour. Arguments may be arrays.
    """
    return best_per_token(residual(values, explained), cost)


def residual(values: Lognormal, explained) -> Lognormal:
    """Values per unit of a metric that explains a share of the variance of log value, with the same mean."""
    return _with_mean(values.mean, values.spread * jnp.sqrt(1.0 - explained))


def bundle(values: Lognormal, uses) -> Lognormal:
    """Value per use of a bundle of independent uses: same mean, less spread. [the unit of values]

    Bakos & Brynjolfsson (1999), Management Science 45(12):1613-1630: averages are easier to price than single
    values. Mean and variance are exact; the shape is taken as lognormal (Fenton 1960). Arguments may be arrays.
    """
    return _with_mean(values.mean, jnp.sqrt(jnp.log1p(jnp.expm1(jnp.square(values.spread)) / uses)))


def _with_mean(mean, spread) -> Lognormal:
    return Lognormal(mean * jnp.exp(-0.5 * jnp.square(spread)), spread)


def seat(values: Lognormal, uses, cost=0.0) -> Split:
    """The best price of a seat with a number of uses, per use; a seat that is sold serves every use.

    Gains are counted against tasks sold one by one, so that uses worth less than their cost are deadweight.
    Arguments may be arrays.
    """
    bundled = bundle(values, uses)
    price = bundled.best_price(cost)
    served = bundled.above(price)
    return _split(values, price * served, bundled.worth_above(price), served, cost)


def best_per_token(values: Values, cost) -> Split:
    """One price for all tasks, the most profitable. cost: [USD per task], above zero for a Pareto law"""
    return per_token(values, values.best_price(cost), cost)


def outcome_beside_tokens(values: Values, price, share, cost) -> Split:
    """Both forms on offer; each buyer takes the cheaper: results below p/s, tokens above.

    Arguments may be arrays; price at or above the cost.
    """
    low, high = jnp.divide(cost, share), jnp.divide(price, share)
    above = values.worth_above(high)
    revenue = share * (values.worth_above(low) - above) + price * values.above(high)
    return _split(values, revenue, values.worth_above(low), values.above(low), cost)


def cannibalised(values: Values, price, share):
    """Revenue that outcome pricing loses because the dearest tasks go through the price per token. [per task]

    s W(p/s) - p S(p/s). Arguments may be arrays.
    """
    high = jnp.divide(price, share)
    return share * values.worth_above(high) - price * values.above(high)


def rung_value(rungs, multiple):
    """Value of a use after a number of rungs of ability, relative to before. [multiple]

    m^rungs: systems.md S29, ten for a drug firm and about one for most consumers. Arguments may be arrays.
    """
    return jnp.power(1.0 * multiple, rungs)


def market_after_rungs(weights, multiples, rungs):
    """Value by segment after a number of rungs, from the values before and the multiple of each. [unit of weights]

    Segments run along the last axis; the segment with the highest multiple ends with nearly all of the value.
    """
    shaped = jnp.broadcast_arrays(*map(jnp.asarray, (weights, jnp.asarray(rungs)[..., None], multiples)))
    return shaped[0] * rung_value(*shaped[1:])


def _root(rising, low, high):
    """Root of a rising function between two places, by bisection."""

    def halve(_, ends):
        middle = 0.5 * (ends[0] + ends[1])
        below = rising(middle) < 0.0
        return jnp.where(below, middle, ends[0]), jnp.where(below, ends[1], middle)

    return 0.5 * sum(jax.lax.fori_loop(0, STEPS, halve, (low, high)))
