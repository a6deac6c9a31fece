"""Entry: how many labs a market of differentiated products holds when each must first pay a cost that is then sunk.

Prices are Bertrand's under logit demand (bertrand.py); with training as the sunk cost see quality.py, with one good
and no differences see cournot.py. Functions work on batches along leading axes and run under jit and vmap.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from gigawatt.decisions import bertrand, logit
from gigawatt.decisions.elementwise import line_up, require, root
from gigawatt.decisions.logit import Market

ROUNDING = 1e-12  # share of the cost of entry by which profit may miss it


class Alike(NamedTuple):
    """What each of n equal labs does in equilibrium."""

    price: jax.Array
    share: jax.Array  # of all buyers
    profit: jax.Array  # before any cost of entry
    surplus: jax.Array  # of all buyers


def symmetric(labs, value, sensitivity, cost, size=1.0) -> Alike:
    """Equal labs with one product each, plain logit demand and Bertrand prices.

    Solves alpha (p - c) (1 - s) = 1 with s = exp(value - alpha p) / (1 + n exp(value - alpha p)). `labs` n may be any
    number above 0. Raises InputError for a sensitivity, size or n not above 0, a negative cost, and shapes that do not
    go together.
    """
    given = dict(labs=labs, value=value, sensitivity=sensitivity, cost=cost, size=size)
    n, v, a, c, m = line_up(dict.fromkeys(given, ""), **given).values()
    for name, number in (("labs", n), ("sensitivity", a), ("size", m)):
        require(name, number, number > 0.0, "it is above 0")
    require("cost", c, c >= 0.0, "a unit cannot cost less than nothing")
    return _symmetric(n, v - a * c, a, c, m)


@jax.jit  # compiled once, not at every call
def _symmetric(n, net, a, c, m):
    def share(x):
        """Share at the mark-up x / alpha."""
        return jnp.exp(net - x - jnp.logaddexp(0.0, jnp.log(n) + net - x))

    x = root(lambda x: x * (1.0 - share(x)) - 1.0, jnp.ones_like(net), 1.0 + bertrand.wright_omega(net - 1.0))
    s = share(x)
    surplus = m / a * jnp.logaddexp(0.0, jnp.log(n) + net - x)
    return Alike(c + x / a, s, m * s * x / a, surplus)


def free_entry(value, sensitivity, cost, size, entry_cost, most: int = 100):
    """Number of equal labs that enter: the greatest n, up to `most`, at which each still earns its cost of entry.

    Profit falls with n, so the next lab would lose. Raises InputError as `symmetric`.
    """
    given = dict(value=value, sensitivity=sensitivity, cost=cost, size=size, entry_cost=entry_cost)
    given = line_up(dict.fromkeys(given, ""), **given)
    fixed = given.pop("entry_cost")
    labs = jnp.arange(1.0, most + 1.0).reshape(-1, *[1] * fixed.ndim)
    return (symmetric(labs, **given).profit >= fixed[None] * (1.0 - ROUNDING)).sum(0)


class Entry(NamedTuple):
    """Who is in the market, and the equilibrium among them."""

    enters: jax.Array  # (..., labs) true for those who are in
    profit: jax.Array  # (..., labs) after the cost of entry, 0 for those who stay out
    settled: jax.Array  # (...) nobody would change: an equilibrium in pure strategies
    market: bertrand.Equilibrium  # of those who are in


def sequential(market: Market, entry_cost, rounds: int = 20) -> Entry:
    """Labs that differ decide in turn whether to be in the market, until none would change its mind.

    In each round every lab, first to last, is in if it earns its entry cost among those who are in at its turn
    (best response; Berry 1992, Econometrica 60:889, for the order as part of the model). Starts from an empty market,
    so that who comes first has the advantage. One product for each lab. `entry_cost`: (..., labs). Raises InputError
    for a negative entry cost and for labs with several products.
    """
    require("owner", market.products, market.owns is None, "entry is by lab: give each one product")
    fixed = line_up({"entry_cost": "J", "cost": "J"}, entry_cost=entry_cost, cost=market.cost)["entry_cost"]
    require("entry_cost", fixed, fixed >= 0.0, "it is 0 or above")
    limited = isinstance(market.capacity, jax.core.Tracer) or bool(jnp.isfinite(market.capacity).any())
    return _sequential(market, fixed, rounds, limited)


@partial(jax.jit, static_argnames=("rounds", "limited"))
def _sequential(market: Market, fixed, rounds: int, limited: bool) -> Entry:
    labs = market.products

    def profit(present):
        among = market.only(present)
        price = bertrand.prices(among, limited)
        return market.size[..., None] * logit.shares(among, price) * (price - market.cost) - fixed

    def turn(lab, present):
        me = jnp.broadcast_to(jnp.arange(labs) == lab, present.shape)
        return jnp.where(me, profit(present | me) >= 0.0, present)

    def one_round(state):
        present, _, count = state
        new = jax.lax.fori_loop(0, labs, turn, present)
        return new, (new != present).any(-1), count + 1

    nobody = jnp.zeros(market.cost.shape, bool)
    first = nobody, jnp.ones(market.size.shape, bool), 0
    present, moving, _ = jax.lax.while_loop(lambda s: s[1].any() & (s[2] < rounds), one_round, first)
    found = bertrand.equilibrium(market.only(present))
    return Entry(present, jnp.where(present, found.profit - fixed, 0.0), ~moving, found)
