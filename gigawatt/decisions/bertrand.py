"""Bertrand: labs set prices for differentiated products under logit demand, within what each can serve.

The owner of product j chooses p_j to maximise sum of (p_k - c_k) M s_k over its products, with M s_k <= K_k:

    sum over k of O_jk B_jk (p_k - c_k - l_k) = 1,     l_k >= 0,  M s_k <= K_k,  one of them with equality

O: ownership, B_jk = - d ln s_j / d p_k, l: the shadow price of capacity, worth of one more unit to serve with. For one
product each, p = c + l + 1 / B_jj, in plain logit c + l + 1 / (alpha (1 - s)) (Anderson, de Palma & Thisse 1992,
Discrete Choice Theory of Product Differentiation, eq. 7.9).

Solved by the zeta fixed point (Morrow & Skerlos 2011, Operations Research 59:328), which splits B into its diagonal
without shares and the rest, then by Newton's method on min(l, room to capacity), kept only where it improves. Where
products are almost alike (rho near 1, a high alpha) both crawl; then labs answer each other from cost upwards, in
strategic complements towards the least equilibrium (Milgrom & Roberts 1990, Econometrica 58:1255), and Newton's method
goes on from there. The derivatives come from the implicit function theorem: no iteration is unrolled.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from gigawatt.decisions import logit
from gigawatt.decisions.elementwise import implicit, jacobian, solve_along
from gigawatt.decisions.logit import Market

ZETA = 100  # fixed-point steps before Newton's method
NEWTON = 100  # steps of Newton's method at most
PATIENCE = 10  # fixed-point steps where one of Newton's does not improve
ANSWERS = 30  # rounds in which all labs answer each other, where Newton's method has not arrived
HALVINGS = 55  # of the range of an answer
CHUNK = 500  # markets that are solved at once
SAME = 1e-14  # relative change of prices at which the fixed point has arrived
LEAST = 1e-30  # share that stands for none at all: where capacity is 0 the price is the one at which nobody buys


class Equilibrium(NamedTuple):
    """Prices at which no lab gains by another price of its own; arrays (..., products) unless said."""

    price: jax.Array
    share: jax.Array  # of all buyers
    markup: jax.Array  # price - cost
    lerner: jax.Array  # markup / price
    profit: jax.Array  # size x share x markup
    shadow_price: jax.Array  # of capacity, money per unit
    outside: jax.Array  # (...) share of buyers who take none
    surplus: jax.Array  # (...) of buyers
    hhi: jax.Array  # (...) of owners among what is sold
    residual: jax.Array  # (...) greatest |min(shadow price, room)|, money: 0 in equilibrium


@jax.custom_jvp
def wright_omega(x):
    """w with w + ln w = x, which is W(exp(x)) without overflow (Corless & Jeffrey 2002).

    Three steps of Fritsch, Shafer & Crowley (1973), Communications of the ACM 16:123, each of fourth order.
    """
    w = jnp.maximum(jax.nn.softplus(x), jnp.finfo(float).tiny)
    for _ in range(3):
        left = x - w - jnp.log(w)
        near = 1.0 + w
        q = 2.0 * near * (near + 2.0 / 3.0 * left)
        w = w * (1.0 + left / near * (q - left) / (q - 2.0 * left))
    return w


@wright_omega.defjvp
def _wright_omega_jvp(primals, tangents):
    w = wright_omega(*primals)
    return w, w / (1.0 + w) * tangents[0]


def monopoly_markup(value, sensitivity, cost):
    """Mark-up of a single seller under plain logit: (1 + W(exp(value - alpha cost - 1))) / alpha. [money]"""
    return (1.0 + wright_omega(value - sensitivity * cost - 1.0)) / sensitivity


def best_markup(market: Market, price):
    """Mark-ups that meet the conditions of the first order at these shares, without capacity limits. [money]

    eta(p): the solution of (O * B) eta = 1. Less than p - c by the shadow price of capacity in equilibrium.
    """
    if market.owns is None:
        return 1.0 / _diagonal(market, price)[1]
    system = market.owns * logit.semi_elasticities(market, price)
    return solve_along(system, jnp.ones_like(market.cost))


def _diagonal(market: Market, price):
    """Own semi-elasticity without shares, and in full: sums over types and nests as in `logit.semi_elasticities`."""
    made = logit.choice(market, price)
    pull, share = logit.pull(market, made), made.share
    if made.within is None or market.rho is None:
        return pull.sum(-2), (pull * (1.0 - share)).sum(-2)
    rho = market.rho[..., None, :]
    near = pull / (1.0 - rho)
    return near.sum(-2), (near * (1.0 - rho * made.within - (1.0 - rho) * share)).sum(-2)


def zeta_markup(market: Market, price, markup):
    """Mark-ups of the next step of the zeta fixed point: D m' = 1 + (O * (D - B)) m. [money]"""
    whole, own = _diagonal(market, price)
    if market.owns is None:
        return (1.0 + (whole - own) * markup) / whole
    by = market.owns * logit.semi_elasticities(market, price)
    return markup + (1.0 - (by * markup[..., None, :]).sum(-1)) / whole


def room(market: Market, price):
    """Rise of the own price that would make sales as large as capacity, negative where they are larger. [money]

    (ln of capacity - ln of sales) over the own semi-elasticity without shares: to first order, and zero where exact.
    """
    finite = jnp.isfinite(market.capacity)
    most = jnp.log(jnp.maximum(jnp.where(finite, market.capacity, 1.0) / market.size[..., None], LEAST))
    made = logit.choice(market, price)
    sold = jax.nn.logsumexp(jnp.log(market.weight)[..., None] + made.log_share, axis=-2)
    return jnp.where(finite, (most - sold) / _diagonal(market, price)[0], jnp.inf)


def _residual(market: Market, price, limited: bool):
    """Zero in equilibrium: the smaller of the shadow price and the room to capacity."""
    shadow = price - market.cost - best_markup(market, price)
    return jnp.minimum(shadow, room(market, price)) if limited else shadow


def _start(market: Market):
    """Mark-ups of single sellers of all that their owner sells: rivals only lower them."""
    alpha = (market.weight * market.sensitivity).sum(-1, keepdims=True)
    value = (market.weight[..., None] * market.value).sum(-2) - alpha * market.cost
    if market.owns is not None:
        value = jax.nn.logsumexp(value[..., None, :], axis=-1, b=market.owns > 0.0)
    return market.cost + monopoly_markup(value, alpha, 0.0)


def step(market: Market, price, limited: bool = True):
    """Prices after one step of the fixed point: the zeta map, and no lower than what keeps sales within capacity."""
    markup = price - market.cost
    if not limited:
        return market.cost + zeta_markup(market, price, markup)
    to_full = room(market, price)
    if market.owns is not None:  # what a full product earns beyond its shadow price counts for its siblings
        own = best_markup(market, price)
        markup = jnp.where(markup - own > to_full, own, markup)
    return jnp.maximum(market.cost + zeta_markup(market, price, markup), price - to_full)


def near(market: Market, start, steps: int, limited: bool = True):
    """Prices after so many steps from a start near the solution, with the solution's derivatives. [money]

    For markets that move little from one time to the next: month by month in a simulation. The number of steps is
    fixed, so that nothing waits for the slowest market.
    """
    return implicit(
        lambda price: _residual(market, price, limited),
        start,
        lambda _, first: jax.lax.fori_loop(
            0, steps, lambda _, p: step(jax.lax.stop_gradient(market), p, limited), jax.lax.stop_gradient(first)
        ),
    )


def _solve(market: Market, limited: bool, start):
    def fixed_point(price):
        return step(market, price, limited)

    def repeat(state):
        price, _, count = state
        new = fixed_point(price)
        moved = jnp.max(jnp.abs(new - price), axis=-1) > SAME * jnp.max(jnp.abs(new), axis=-1)
        return new, moved, count + 1

    def size_of(residual):
        return jnp.max(jnp.abs(residual), axis=-1)

    def newton(state, patient=True):
        price, left, done, count = state
        move = solve_along(jacobian(lambda p: _residual(market, p, limited), price), left)
        tried = price - move
        after = _residual(market, tried, limited)
        better = size_of(after) < 0.9 * size_of(left)
        small = size_of(left) <= 1e-9 * size_of(price)  # at rounding: no step improves, and none is needed
        small |= not patient
        slowly = jax.lax.fori_loop(0, PATIENCE, lambda _, p: fixed_point(p), price) if patient else price
        new = jnp.where(better[..., None], tried, jnp.where(small[..., None], price, slowly))
        now = _residual(market, new, limited)
        done |= (size_of(now) <= 1e-15 * size_of(new)) | (small & ~better)
        return new, now, done, count + 1

    batch = start.shape[:-1]
    first = (start, jnp.ones(batch, bool), 0)
    price, moving, _ = jax.lax.while_loop(lambda s: jnp.any(s[1]) & (s[2] < ZETA), repeat, first)
    left = _residual(market, price, limited)
    state = (price, left, ~moving & (size_of(left) <= 1e-12 * size_of(price)), 0)
    price, left, done, _ = jax.lax.while_loop(lambda s: jnp.any(~s[2]) & (s[3] < NEWTON), newton, state)
    if market.owns is not None:
        return price
    done |= size_of(left) <= 1e-9 * size_of(price)
    begin = jnp.where(done[..., None], price, market.cost)
    answer = partial(_answers, market, limited=limited)
    price = jax.lax.while_loop(
        lambda s: jnp.any(~done) & (s[1] < ANSWERS),
        lambda s: (jnp.where(done[..., None], s[0], answer(s[0])), s[1] + 1),
        (begin, 0),
    )[0]
    state = (price, _residual(market, price, limited), done, 0)
    careful = partial(newton, patient=False)  # the fixed point would throw it off again
    return jax.lax.while_loop(lambda s: jnp.any(~s[2]) & (s[3] < NEWTON), careful, state)[0]


def _answers(market: Market, price, limited: bool):
    """Each product's price that meets its own condition while all others stay: by halving the log of its mark-up."""
    products = jnp.arange(market.products)

    def residual(own):
        def of(j):
            return _residual(market, jnp.where(products == j, own, price), limited)[..., j]

        return jax.vmap(of, out_axes=-1)(products)

    def halve(_, ends):
        low, high = ends
        middle = 0.5 * (low + high)
        above = residual(market.cost + jnp.exp(middle)) > 0.0
        return jnp.where(above, low, middle), jnp.where(above, middle, high)

    alone = _start(market)
    scarce = jnp.maximum(-room(market, alone), 0.0) if limited else 0.0
    top = jnp.log(10.0 * (alone - market.cost + scarce))
    return market.cost + jnp.exp(jax.lax.fori_loop(0, HALVINGS, halve, (top - 30.0, top))[1])


def _one_batch(market: Market, limited: bool):
    """Equilibrium prices of a batch that is solved as one."""
    return implicit(
        lambda price: _residual(market, price, limited),
        _start(market),
        lambda _, start: _solve(jax.lax.stop_gradient(market), limited, start),
    )


@partial(jax.jit, static_argnames="limited")  # compiled once, not at every call
def prices(market: Market, limited: bool = True):
    """Equilibrium prices, (..., products). [money] `limited=False` leaves capacity out of account, which is faster.

    Large batches run in chunks, which stay in the processor's cache and stop when their own members have converged.
    """
    batch = market.size.shape
    if np.prod(batch, dtype=int) <= CHUNK:
        return _one_batch(market, limited)
    members = jax.tree.map(lambda x: x.reshape(-1, *x.shape[len(batch) :]), market)
    found = jax.lax.map(lambda one: _one_batch(one, limited), members, batch_size=CHUNK)
    return found.reshape(market.cost.shape)


def equilibrium(market: Market) -> Equilibrium:
    """Prices at which no lab gains by another price, with all that follows from them.

    Capacity counts where any is given. Derivatives are exact, in forward and reverse mode. There is one equilibrium
    for plain and nested logit (Nocke & Schutz 2018, Econometrica 86:523); buyers of very different types may leave
    several or none. A residual that is not near zero says that none was found. Near zero no lab gains by a price
    nearby, but with such types one may by a price far away, at which it serves others. Beyond a rho of 1 - 1e-7 numbers
    have not digits enough.
    """
    known = not isinstance(market.capacity, jax.core.Tracer)
    return _equilibrium(market, not known or bool(np.isfinite(market.capacity).any()))


@partial(jax.jit, static_argnames="limited")
def _equilibrium(market: Market, limited: bool) -> Equilibrium:
    price = prices(market, limited)
    share = logit.shares(market, price)
    markup = price - market.cost
    shadow = jnp.zeros_like(price)
    if limited:
        beyond = markup - best_markup(market, price)
        shadow = jnp.where(beyond > room(market, price), jnp.maximum(beyond, 0.0), 0.0)
    return Equilibrium(
        price,
        share,
        markup,
        markup / price,
        market.size[..., None] * share * markup,
        shadow,
        logit.outside(market, price),
        logit.surplus(market, price),
        logit.hhi(market, share),
        jnp.max(jnp.abs(_residual(market, price, limited)), axis=-1),
    )
