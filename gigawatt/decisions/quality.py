"""Quality bought with training: labs choose what to spend on it, then or at once their prices.

Logit demand with value_j = base + theta ln(1 + x_j / x0), x: training spend. A lab earns M s (p - c) - x - K. At its
best price s (p - c) = w / alpha with w the root of w + ln w = z, z: value - alpha c - 1 - ln of what rivals offer, so

    at once:     x0 + x = M theta s / alpha            (or x = 0)
    two stages:  x0 + x = M theta y / alpha,  y < s    y = alpha dm / d value: rivals answer a better model with lower
                                                       prices, so less is spent

For theta > 1 the profit is not concave in x, and the market holds fewer than theta / (theta - 1) labs however large it
grows: the endogenous sunk costs of Shaked & Sutton (1987), Journal of Industrial Economics 36:131, and Sutton (1991),
Sunk Costs and Market Structure. Whether no lab gains by another spend is therefore always checked. Arguments may be
arrays that broadcast; functions run under jit and vmap.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from gigawatt.core.errors import InputError
from gigawatt.decisions.bertrand import wright_omega
from gigawatt.decisions.elementwise import line_up, require, root

Timing = Literal["at once", "two stages"]
GRID = 400  # spends that a lab tries when it looks for a better one, and shares among which equilibria are sought
GAIN = 1e-6  # share of what the market is worth (M / alpha) below which a gain counts as rounding


class Race(eqx.Module):
    """A market in which equal labs buy quality.

    size: M, buyers. theta: log odds of being chosen per e-fold of training spend. sensitivity: alpha, log odds per
    money. cost: c of serving one buyer. base: utility without training. scale: x0, spend at which quality begins.
    fixed: K, cost of being in the market. Raises InputError for a size, sensitivity or scale not above 0, and a theta,
    cost or fixed cost below 0.
    """

    size: jax.Array
    theta: jax.Array
    sensitivity: jax.Array
    cost: jax.Array
    base: jax.Array
    scale: jax.Array
    fixed: jax.Array

    def __init__(
        self, size: Any, theta: Any, sensitivity: Any, cost: Any, base: Any = 0.0, scale: Any = 1.0, fixed: Any = 0.0
    ):
        given = dict(size=size, theta=theta, sensitivity=sensitivity, cost=cost, base=base, scale=scale, fixed=fixed)
        for name, value in line_up(dict.fromkeys(given, ""), **given).items():
            setattr(self, name, value)
            if name in ("size", "sensitivity", "scale"):
                require(name, value, value > 0.0, "it is above 0")
            elif name in ("theta", "cost", "fixed"):
                require(name, value, value >= 0.0, "it is 0 or above")

    def value(self, spend):
        """Utility at a price of 0: base + theta ln(1 + x / x0). [log]"""
        return self.base + self.theta * jnp.log1p(spend / self.scale)

    @property
    def worth(self):
        """What one e-fold of mark-up is worth on the whole market: M / alpha. [money]"""
        return self.size / self.sensitivity


class Outcome(NamedTuple):
    """What each of n equal labs does, and whether one of them would gain by leaving it."""

    share: jax.Array  # of all buyers
    price: jax.Array
    spend: jax.Array  # on training
    quality: jax.Array  # theta ln(1 + x / x0)
    profit: jax.Array  # after training and fixed cost
    revenue: jax.Array
    candidates: jax.Array  # number of symmetric solutions of the first-order conditions
    gain: jax.Array  # most that one lab gains by another spend and price while the others stay
    exists: jax.Array  # no lab gains: this is an equilibrium


def most_labs(theta):
    """Bound on the number of labs that a market holds, however large: theta / (theta - 1), infinite for theta <= 1.

    n labs earn (s / alpha) (1 / (1 - s) - theta) per buyer as the market grows, s = 1/n: not negative for n up to the
    bound. Arguments may be arrays.
    """
    theta = jnp.asarray(theta, float)
    return jnp.where(theta > 1.0, theta / jnp.where(theta > 1.0, theta - 1.0, 1.0), jnp.inf)


def softened(share, labs):
    """How far a better model raises its lab's mark-up when rivals answer: alpha dm / d value, below the share s. [1]

    n equal labs at equilibrium prices, alpha m = 1 / (1 - s). Per unit of value that a lab does not take as mark-up
    each rival lowers its own by a = s^2 / (1 - s - (n - 2) s^2), so y = k / ((1 - s)^2 + k) with
    k = s (1 - s - (n - 1) s a): y = s for a monopoly. Arguments may be arrays.
    """
    answer = share**2 / (1.0 - share - (labs - 2.0) * share**2)
    kept = share * (1.0 - share - (labs - 1.0) * share * answer)
    return kept / ((1.0 - share) ** 2 + kept)


def _spend(race: Race, share, labs, timing: Timing):
    """Training spend that meets the condition of the first order at a share, or 0. [money]"""
    pull = share if timing == "at once" else softened(share, labs)
    return jnp.maximum(race.worth * race.theta * pull - race.scale, 0.0)


def symmetric(race: Race, labs, timing: Timing = "at once") -> Outcome:
    """Equilibrium of n equal labs that buy quality and set prices, at once or in two stages (quality first).

    Solves ln s - ln(1 - n s) = value(x(s)) - alpha c - 1 / (1 - s) for the share s; where there are several solutions,
    that of most training. Then one lab looks for a better spend, all others as they are (at once) or answering with
    their prices (two stages): `gain` is what it finds, and `exists` says that it finds nothing. `labs` n: (...), any
    number of 1 or more. Raises InputError for fewer labs and another timing.
    """
    if timing not in ("at once", "two stages"):
        raise InputError(f"timing is {timing!r}: choose 'at once' or 'two stages'")
    labs = line_up({"labs": "", "size": ""}, labs=labs, size=race.size)["labs"]
    require("labs", labs, labs >= 1.0, "somebody has to sell")
    return _symmetric(race, labs, timing)


def _one_by_one(solve: Callable, race: Race, other):
    """A function of single numbers, over the batch of a race and of another array."""
    shape = jnp.broadcast_shapes(race.size.shape, other.shape)
    flat = jax.tree.map(lambda x: jnp.broadcast_to(x, shape).reshape(-1), (race, other))
    return jax.tree.map(lambda x: x.reshape(shape), jax.vmap(solve)(*flat))


@partial(jax.jit, static_argnames="timing")  # compiled once, not at every call
def _symmetric(race: Race, labs, timing: Timing) -> Outcome:
    return _one_by_one(partial(_one_market, timing=timing), race, labs)


def _one_market(race: Race, labs, timing: Timing) -> Outcome:
    served = race.sensitivity * race.cost

    def gap(t):
        """Left less right side at n s = logistic(t), rising where a solution is one."""
        share = jax.nn.sigmoid(t) / labs
        return t - jnp.log(labs) - race.value(_spend(race, share, labs, timing)) + served + 1.0 / (1.0 - share)

    low = jnp.minimum(jnp.log(labs) + race.base - served, 0.0) - 3.0  # there all of the right side is larger
    high = jnp.log(labs) + race.value(race.worth * race.theta) - served
    grid = jnp.linspace(low, jnp.maximum(high, low + 1.0), GRID)
    above = gap(grid) > 0.0
    share = jax.nn.sigmoid(root(gap, *_last_rise(grid, above))) / labs
    spend = _spend(race, share, labs, timing)
    price = race.cost + 1.0 / (race.sensitivity * (1.0 - share))
    earned = race.size * share * (price - race.cost) - spend
    found = _best_elsewhere(race, labs, share, price, spend, timing)
    gain = found - earned
    return Outcome(
        share,
        price,
        spend,
        race.theta * jnp.log1p(spend / race.scale),
        earned - race.fixed,
        race.size * share * price,
        (above[1:] != above[:-1]).sum(),
        gain,
        gain <= GAIN * race.worth,
    )


def _last_rise(grid, above):
    """The two neighbours on a grid between which a function last rises above 0."""
    last = GRID - 2 - jnp.argmax((above[1:] & ~above[:-1])[::-1])
    return grid[last], grid[last + 1]


def _tried(race: Race):
    """ln(1 + x / x0) of spends that a lab tries, from none up to M theta / alpha, above which none can pay."""
    return jnp.linspace(0.0, jnp.log1p(race.worth * race.theta / race.scale), GRID)


def _best_elsewhere(race: Race, labs, share, price, spend, timing: Timing):
    """Most that one of n labs earns, before its fixed cost, with another spend on training."""
    if timing == "at once":
        rivals = jnp.log1p((labs - 1.0) * jnp.exp(race.value(spend) - race.sensitivity * price))
        return _one_response(race, rivals).profit + race.fixed
    tried = race.scale * jnp.expm1(_tried(race))
    return (_profit_after(race, labs, tried, spend) - tried).max()


class Response(NamedTuple):
    """What a lab does about given rivals."""

    spend: jax.Array
    price: jax.Array
    profit: jax.Array  # after training and fixed cost


def best_response(race: Race, rivals) -> Response:
    """Best spend and price of a lab when rivals offer ln(1 + sum of exp(value_k - alpha p_k)) = `rivals`.

    Exact: each spend has its best price, and ln s is concave in ln(x0 + x), so profit has at most one peak beside
    no training at all; a grid finds it, the condition of the first order places it. Rivals may differ.
    """
    return _one_by_one(_one_response, race, jnp.asarray(rivals, float))


def _one_response(race: Race, rivals) -> Response:
    constant = -race.sensitivity * race.cost - 1.0 - rivals

    def earned(spend):
        return race.worth * wright_omega(race.value(spend) + constant) - spend

    def dearer(y):
        """ln of what one more unit of spend costs, less ln of what it brings, at x0 + x = x0 e^y."""
        w = wright_omega(race.base + race.theta * y + constant)
        return jnp.log(race.scale) + y - jnp.log(race.worth * race.theta) - jnp.log(w) + jnp.log1p(w)

    tried = _tried(race)
    above = dearer(tried) > 0.0
    inner = race.scale * jnp.expm1(root(dearer, *_last_rise(tried, above)))
    peaks = jnp.any(above[1:] & ~above[:-1])
    spend = jnp.where(peaks & (earned(inner) > earned(0.0)), inner, 0.0)
    w = wright_omega(race.value(spend) + constant)
    return Response(spend, race.cost + (1.0 + w) / race.sensitivity, earned(spend) - race.fixed)


def _profit_after(race: Race, labs, mine, others):
    """What a lab earns from serving when it has spent `mine` and n - 1 others `others`, all prices in equilibrium."""
    served = race.sensitivity * race.cost
    one, each = jnp.broadcast_arrays(race.value(mine) - served, race.value(others) - served)

    def step(state):
        (a, b), _, count = state  # alpha x mark-up of the one, and of each other
        top = jnp.maximum(jnp.maximum(one - a, each - b), 0.0)
        x, y = jnp.exp(one - a - top), jnp.exp(each - b - top)
        total = jnp.exp(-top) + x + (labs - 1.0) * y
        new = 1.0 + x / total * a, 1.0 + y / total * b  # zeta fixed point of one product each: bertrand.py
        moving = jnp.abs(new[0] - a) + jnp.abs(new[1] - b) > 1e-14 * (new[0] + new[1])
        return new, moving.any(), count + 1

    start = (1.0 + wright_omega(one - 1.0), 1.0 + wright_omega(each - 1.0)), jnp.array(True), 0
    (markup, _), _, _ = jax.lax.while_loop(lambda s: s[1] & (s[2] < 1000), step, start)
    return race.worth * (markup - 1.0)


def free_entry(race: Race, timing: Timing = "at once", most: int = 12) -> jax.Array:
    """Number of equal labs that enter one after the other, each if it does not lose and no lab would deviate.

    Up to `most`. The market must hold n labs in equilibrium for the next one to ask.
    """
    labs = jnp.arange(1.0, most + 1.0)
    found = symmetric(race, labs.reshape(-1, *[1] * race.size.ndim), timing)
    stay = (found.profit >= -GAIN * race.worth[None]) & found.exists
    return jnp.cumprod(stay, axis=0).sum(0)
