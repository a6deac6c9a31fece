"""Products that are partial substitutes, with linear demand: quantities or prices as the choice of labs.

Inverse demand p_i = a_i - b q_i - d sum of q_j over the others: Singh & Vives (1984), RAND Journal of Economics
15:546, for two labs; Häckner (2000), Journal of Economic Theory 93:233, for n. Labs run along the last axis of
`intercept` and `cost`; other axes are a batch. Functions run under jit, vmap and grad.
"""

from typing import NamedTuple

import jax

from gigawatt.decisions.elementwise import line_up, require


class Outcome(NamedTuple):
    """Prices, quantities and profits by lab, (..., labs)."""

    price: jax.Array
    quantity: jax.Array
    profit: jax.Array


def _solve(right, own, cross):
    """x with own x_i + cross sum of x_j over the others = right (Sherman & Morrison 1950)."""
    n = right.shape[-1]
    own, cross = own[..., None], cross[..., None]
    return (right - cross * right.sum(-1, keepdims=True) / (own + (n - 1.0) * cross)) / (own - cross)


def _given(intercept, own, cross, cost):
    axes = {"intercept": "J", "own": "", "cross": "", "cost": "J"}
    a, b, d, c = (line_up(axes, intercept=intercept, own=own, cross=cross, cost=cost)[name] for name in axes)
    n = a.shape[-1]
    require("own", b, b > 0.0, "price falls as more is sold")
    require("cross", d, (d < b) & (d * (n - 1.0) > -b), "it lies below own, and above -own / (labs - 1)")
    require("cost", c, c >= 0.0, "a unit cannot cost less than nothing")
    return a, b, d, c


def _outcome(price, quantity, cost) -> Outcome:
    require("quantity", quantity, quantity >= -1e-12, "a lab would sell less than nothing: leave it out")
    return Outcome(price, quantity, (price - cost) * quantity)


def cournot(intercept, own, cross, cost) -> Outcome:
    """Labs choose quantities: a_i - c_i = 2 b q_i + d sum of q_j.

    `own` b and `cross` d: (...); d of 0 is a monopoly each, d near b one good. Raises InputError for a slope b not
    above 0, d outside (-b / (n - 1), b), a negative cost, and a lab that would sell nothing.
    """
    a, b, d, c = _given(intercept, own, cross, cost)
    q = _solve(a - c, 2.0 * b, d)
    return _outcome(c + b[..., None] * q, q, c)


def bertrand(intercept, own, cross, cost) -> Outcome:
    """Labs choose prices: q_i = k (p_i - c_i), with k = (b + (n - 2) d) / ((b - d) (b + (n - 1) d)).

    Prices are lower than when labs choose quantities. Arguments and errors as `cournot`.
    """
    a, b, d, c = _given(intercept, own, cross, cost)
    n = a.shape[-1]
    lost = (b + (n - 2.0) * d) / ((b - d) * (b + (n - 1.0) * d))  # sales that a rise of the own price costs
    q = _solve(a - c, b + 1.0 / lost, d)
    return _outcome(c + q / lost[..., None], q, c)
