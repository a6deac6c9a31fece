"""Cournot: labs choose how much compute to sell, the market sets the price (Cournot 1838).

Capacity first and prices second gives the same (Kreps & Scheinkman 1983, Bell Journal of Economics 14:326). Labs run
along the last axis of `cost`, all other axes are a batch; functions run under jit, vmap and grad.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from gigawatt.decisions.elementwise import line_up, require

ROUNDING = 1e-9  # share of a firm that counts as a whole one


class Outcome(NamedTuple):
    """A Cournot equilibrium. Amounts are in units of the good, money per unit or in total."""

    price: jax.Array
    quantity: jax.Array  # (..., labs)
    profit: jax.Array  # (..., labs)
    shadow_price: jax.Array  # (..., labs) worth of one unit more of capacity
    lerner: jax.Array  # (..., labs) (price - cost) / price, 0 for a lab that sells nothing
    surplus: jax.Array  # of buyers
    deadweight: jax.Array  # welfare lost against the best that the same labs could produce

    @property
    def total(self):
        """Quantity of all labs. [units]"""
        return self.quantity.sum(-1)

    @property
    def share(self):
        """Share of each lab in the quantity, 0 where nobody produces. [share]"""
        return self.quantity / jnp.maximum(self.total, jnp.finfo(float).tiny)[..., None]

    @property
    def hhi(self):
        """Herfindahl-Hirschman index: 10,000 times the sum of squared shares. [points]"""
        return 1e4 * (self.share**2).sum(-1)

    @property
    def welfare(self):
        """Surplus of buyers and profit of labs. [money]"""
        return self.surplus + self.profit.sum(-1)


def _check_cost(cost):
    require("cost", cost, cost >= 0.0, "a unit cannot cost less than nothing")


def linear(intercept, slope, cost, capacity=jnp.inf) -> Outcome:
    """Equilibrium with inverse demand P = a - b Q, labs of different cost, and limits on what each can sell.

    A lab sells q = (P - c) / b where that lies between 0 and its capacity K; the price makes the sum meet demand. Who
    produces is read off at each lab's cost, who is full at its c + b K, so the answer is exact:
    P = (a + sum of c - b sum of K) / (1 + n), c over the n labs that set their own quantity and K over the full ones.
    The shadow price of a full lab is P - b K - c. `intercept` a, `slope` b: (...); `cost`, `capacity`: (..., labs).
    Raises InputError for a slope not above 0, a negative cost or capacity, and shapes that do not go together.
    """
    axes = {"intercept": "", "slope": "", "cost": "J", "capacity": "J"}
    given = line_up(axes, intercept=intercept, slope=slope, cost=cost, capacity=capacity)
    a, b, c, full = (given[name] for name in axes)
    require("slope", b, b > 0.0, "price falls as more is sold")
    _check_cost(c)
    require("capacity", full, full >= 0.0, "a lab cannot sell less than nothing")
    return _linear(a, b, c, full)


@jax.jit  # compiled once, not at every call
def _linear(a, b, c, full) -> Outcome:
    def short(price):
        """Demand beyond what labs would sell, at a price for each lab."""
        each = jnp.clip((price[..., :, None] - c[..., None, :]) / b[..., None, None], 0.0, full[..., None, :])
        return (a[..., None] - price) / b[..., None] - each.sum(-1)

    produces = (short(c) > 0.0) & (full > 0.0)
    top = jnp.where(jnp.isfinite(full), c + b[..., None] * full, jnp.inf)
    is_full = jnp.isfinite(top) & (short(jnp.where(jnp.isfinite(top), top, a[..., None])) >= 0.0) & produces
    sets = produces & ~is_full
    held = jnp.where(is_full, full, 0.0)
    price = (a + jnp.where(sets, c, 0.0).sum(-1) - b * held.sum(-1)) / (1.0 + sets.sum(-1))
    q = jnp.where(sets, (price[..., None] - c) / b[..., None], held)
    margin = price[..., None] - c
    shadow = jnp.where(is_full | (full == 0.0), jnp.maximum(margin - b[..., None] * q, 0.0), 0.0)
    surplus = 0.5 * b * q.sum(-1) ** 2
    best = _best_welfare(a, b, c, full)
    profit = margin * q
    lerner = jnp.where(q > 0.0, margin / price[..., None], 0.0)
    return Outcome(price, q, profit, shadow, lerner, surplus, best - surplus - profit.sum(-1))


def _best_welfare(a, b, c, full):
    """Welfare when the cheapest produce first, until price falls to cost."""
    order = jnp.argsort(c, axis=-1)
    c, full = (jnp.take_along_axis(x, order, -1) for x in (c, full))
    cheaper = jnp.concatenate([jnp.zeros_like(c[..., :1]), jnp.cumsum(full, -1)[..., :-1]], -1)
    q = jnp.clip((a[..., None] - c) / b[..., None] - cheaper, 0.0, full)
    total = q.sum(-1)
    return a * total - 0.5 * b * total**2 - (c * q).sum(-1)


class Alike(NamedTuple):
    """What each of n equal labs does in equilibrium."""

    price: jax.Array
    quantity: jax.Array
    profit: jax.Array
    welfare: jax.Array  # of buyers and labs, before any cost of entry


def symmetric(intercept, slope, cost, firms) -> Alike:
    """Equilibrium of n equal labs: q = (a - c) / (b (n + 1)), mark-up (a - c) / (n + 1), profit b q^2.

    `firms` n may be any number above 0. Raises InputError for a slope or n not above 0, a negative cost, and a cost
    above the intercept.
    """
    a, b, c, n = (jnp.asarray(x, float) for x in (intercept, slope, cost, firms))
    require("slope", b, b > 0.0, "price falls as more is sold")
    require("firms", n, n > 0.0, "somebody has to sell")
    _check_cost(c)
    require("cost", c, c <= a, "at a cost above the intercept nobody buys")
    q = (a - c) / (b * (n + 1.0))
    return Alike(c + b * q, q, b * q**2, b * q**2 * n * (0.5 * n + 1.0))


class FreeEntry(NamedTuple):
    """Labs that enter, and labs that would be best for all; `_real` as if labs came in fractions."""

    firms: jax.Array
    firms_real: jax.Array
    profit: jax.Array  # of each, after the cost of entry
    welfare: jax.Array  # after all costs of entry
    best_firms: jax.Array
    best_firms_real: jax.Array
    best_welfare: jax.Array


def free_entry(intercept, slope, cost, entry_cost) -> FreeEntry:
    """Equal labs enter while the next one does not lose: n = (a - c) / sqrt(b K) - 1, rounded down.

    The second best, where a planner sets n but not prices, is ((a - c)^2 / (b K))^(1/3) - 1 or a whole number beside
    it: entry is excessive, since an entrant counts the buyers that it takes from others (Mankiw & Whinston 1986, RAND
    Journal of Economics 17:48). Raises InputError for an entry cost not above 0 and as `symmetric`.
    """
    fixed = jnp.asarray(entry_cost, float)
    require("entry_cost", fixed, fixed > 0.0, "without a cost of entry any number of labs enters")
    alone = symmetric(intercept, slope, cost, 1.0)
    room = 4.0 * alone.profit / fixed  # (a - c)^2 / (b K)

    def welfare(n):
        gain = symmetric(intercept, slope, cost, jnp.maximum(n, 1.0)).welfare
        return jnp.where(n > 0.0, gain, 0.0) - n * fixed

    real_n, real_best = jnp.sqrt(room) - 1.0, jnp.cbrt(room) - 1.0
    n = jnp.floor(jnp.maximum(real_n, 0.0) + ROUNDING)
    low = jnp.floor(jnp.maximum(real_best, 0.0))
    best = jnp.where(welfare(low + 1.0) > welfare(low), low + 1.0, low)
    each = symmetric(intercept, slope, cost, jnp.maximum(n, 1.0)).profit - fixed
    return FreeEntry(n, real_n, jnp.where(n > 0.0, each, 0.0), welfare(n), best, real_best, welfare(best))


def isoelastic(scale, elasticity, cost) -> Outcome:
    """Equilibrium with demand Q = k P^-e: P = sum of c / (n - 1/e) over the n labs whose cost lies below P.

    Shares are e (1 - c / P): the Lerner index of a lab is its share over the elasticity. `scale` k, `elasticity` e:
    (...); `cost`: (..., labs). Surplus is P Q / (e - 1) where e > 1 and has no bound below. Raises InputError for a
    scale or cost not above 0, and for an elasticity of 1/n or less, at which a smaller quantity always pays more.
    """
    axes = {"scale": "", "elasticity": "", "cost": "J"}
    k, e, c = (line_up(axes, scale=scale, elasticity=elasticity, cost=cost)[name] for name in axes)
    require("scale", k, k > 0.0, "somebody has to buy")
    require("cost", c, c > 0.0, "a good that costs nothing has no least price here")
    require("elasticity", e, e * c.shape[-1] > 1.0, "at 1/n or less no price is high enough for n labs")
    return _isoelastic(k, e, c)


@jax.jit
def _isoelastic(k, e, c) -> Outcome:
    def sold(price):
        """Sum of the shares that labs would have at each of these prices."""
        lerner = jnp.maximum(1.0 - c[..., None, :] / price[..., :, None], 0.0)
        return e[..., None] * lerner.sum(-1)

    active = sold(c) < 1.0
    price = jnp.where(active, c, 0.0).sum(-1) / (active.sum(-1) - 1.0 / e)
    lerner = jnp.where(active, 1.0 - c / price[..., None], 0.0)
    total = k * price**-e
    q = e[..., None] * lerner * total[..., None]
    profit = (price[..., None] - c) * q
    finite = jnp.where(e > 1.0, e - 1.0, 1.0)
    surplus = jnp.where(e > 1.0, price * total / finite, jnp.inf)
    cheapest = c.min(-1)
    gained = (k * cheapest ** (1.0 - e) - k * price ** (1.0 - e)) / jnp.where(e == 1.0, 1.0, e - 1.0)
    gained = jnp.where(e == 1.0, k * jnp.log(price / cheapest), gained)
    return Outcome(price, q, profit, jnp.zeros_like(q), lerner, surplus, gained - profit.sum(-1))


class Stackelberg(NamedTuple):
    """One lab commits first, the other follows."""

    price: jax.Array
    leader: jax.Array  # quantity
    follower: jax.Array
    leader_profit: jax.Array
    follower_profit: jax.Array


def stackelberg(intercept, slope, cost) -> Stackelberg:
    """Two equal labs, one of which commits to its quantity first: (a - c) / 2b, then (a - c) / 4b.

    The leader earns half of a monopoly's profit, the follower a quarter (von Stackelberg 1934). Errors as `symmetric`.
    """
    alone = symmetric(intercept, slope, cost, 1.0)
    leader, follower, margin = alone.quantity, 0.5 * alone.quantity, 0.5 * (alone.price - cost)
    return Stackelberg(cost + margin, leader, follower, margin * leader, margin * follower)
