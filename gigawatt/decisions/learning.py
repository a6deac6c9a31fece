"""Bayesian learning: which growth regime holds, when the event comes, and what waiting to see is worth.

Beliefs are probabilities over regimes on the last axis. The functions are plain JAX: they batch by broadcasting or
`jax.vmap` and have derivatives. The two-order problem prices learning: order at `cost` before the first period's
growth is seen, order more at `late_cost` after it.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.special import ndtr, ndtri
from jax.scipy.stats import norm

from gigawatt.core.errors import InputError

REACH = 9.0  # standard deviations of growth that the quadrature covers; the rest weighs 2e-19
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)


def log_odds_update(log_odds, growth, mean_high, mean_low, sd):
    """Log odds of the high regime after growth is seen. [nats]

    log odds + (mu_H - mu_L) / sigma^2 (g - (mu_H + mu_L) / 2) for g ~ N(mu, sigma^2): Bayes' rule for two normals.
    Growth, means and standard deviation are log points a period. Arguments may be arrays.
    """
    return log_odds + (mean_high - mean_low) / sd**2 * (growth - (mean_high + mean_low) / 2.0)


def predict(belief, transition):
    """Belief about the next period's regime. [probability, shape (..., K)]

    b' = b P with P[i, j] the chance to go from regime i to j.
    """
    return belief @ transition


def update(belief, log_likelihood):
    """Belief after an observation. [probability, shape (..., K)]

    b'_k proportional to b_k f_k(y); `log_likelihood` holds ln f_k(y), so far-off observations do not underflow.
    """
    belief, log_likelihood = jnp.broadcast_arrays(belief, log_likelihood)
    return jax.nn.softmax(jnp.log(belief) + log_likelihood, axis=-1)


def regime_filter(belief, transition, log_likelihood):
    """Beliefs after each of T observations, and the log likelihood of them all.

    The forward recursion of a hidden Markov model (Hamilton 1989, Econometrica 57(2):357-384). `belief` (K,) is
    held about the regime of the first observation before it is seen; `log_likelihood` (T, K) is ln f_k(y_t).
    Returns ((T, K) probabilities, a number in nats).
    """

    def step(prior, seen):
        posterior = update(prior, seen)
        return predict(posterior, transition), (posterior, jax.nn.logsumexp(jnp.log(prior) + seen))

    _, (beliefs, evidence) = lax.scan(step, jnp.asarray(belief, float), jnp.asarray(log_likelihood, float))
    return beliefs, evidence.sum()


class HazardBelief(NamedTuple):
    """Gamma belief about a constant hazard: mean shape / rate. [per year]"""

    shape: Array | float
    rate: Array | float


def observe_arrivals(belief, arrivals, exposure):
    """Belief after `arrivals` events in `exposure` years: Gamma(a + n, b + t), conjugate to a Poisson process."""
    return HazardBelief(belief.shape + arrivals, belief.rate + exposure)


def expected_hazard(belief, waited=0.0):
    """Hazard believed in when nothing has arrived for `waited` years: a / (b + t). [per year]"""
    return belief.shape / (belief.rate + waited)


def survival(belief, horizon, waited=0.0):
    """Chance that nothing arrives in `horizon` more years: S(t + h) / S(t) = ((b + t) / (b + t + h))^a."""
    return ((belief.rate + waited) / (belief.rate + waited + horizon)) ** belief.shape


def mixture_quantile(weights, means, sd, probability):
    """Quantile of a mixture of normals with one standard deviation; weights and means (..., K).

    Bisection between the lowest and highest quantile of the parts, then one Newton step, which gives the last
    digits and the derivatives (implicit function theorem).
    """
    shape = jnp.broadcast_shapes(jnp.shape(weights), jnp.shape(means), (*jnp.shape(probability), 1))
    weights, means = jnp.broadcast_to(weights, shape), jnp.broadcast_to(means, shape)
    parts = means + jnp.broadcast_to(ndtri(probability) * sd, shape[:-1])[..., None]

    def excess(x):
        return (weights * ndtr((x[..., None] - means) / sd)).sum(-1) - probability

    x = _bisect(excess, parts.min(-1), parts.max(-1))
    density = (weights * norm.pdf(x[..., None], means, sd)).sum(-1)
    return x - excess(x) / density


def _bisect(increasing, low, high, steps=60):
    """Where an increasing function crosses zero; the nearer end if it does not. Carries no derivative."""

    def halve(_, ends):
        low, high = ends
        middle = (low + high) / 2.0
        above = increasing(middle) > 0.0
        return jnp.where(above, low, middle), jnp.where(above, middle, high)

    low, high = lax.fori_loop(0, steps, halve, lax.stop_gradient((low, high)))
    return lax.stop_gradient((low + high) / 2.0)


class TwoOrders(NamedTuple):
    """Best first orders [units] and expected profits [money] by what may be known."""

    no_update_order: Array
    no_update: Array
    learning_order: Array
    learning: Array
    regime_known_orders: Array
    regime_known: Array
    demand_known: Array


class _Problem(NamedTuple):
    prior: Array  # (K,)
    means: Array  # (K,)
    sd: Array
    price: Array
    cost: Array
    late_cost: Array
    salvage: Array
    demand: Array


def two_orders(prior, means, sd, *, price, cost, late_cost, salvage=0.0, demand=1.0) -> TwoOrders:
    """Two order dates with learning in between; every way of knowing side by side.

    Demand is D = demand exp(g1 + g2), g ~ N(means[k], sd^2) independent given regime k, which has chance prior[k].
    Order q0 at `cost` before g1 is seen and q1 >= 0 at `late_cost` after it. Profit, Q = q0 + q1:
    price min(D, Q) + salvage (Q - D)+ - cost q0 - late_cost q1. The second order goes up to the newsvendor's
    fractile (price - late_cost) / (price - salvage) of demand; q0 solves the first-order condition.
    `no_update` sets the second order with the prior weights but is valued under the truth; `regime_known` is told
    the regime before the first order; `demand_known` is told D. A late cost at or above the price means no second
    order. prior, means: (K,); the rest scalars; use `jax.vmap` for batches. Integrals are Gauss-Legendre, split where
    q1 becomes zero. Values have derivatives (envelope theorem); orders carry none.
    Raises InputError where orders would be unbounded or chances do not sum to one.
    Source: compute-bet.md 2.4; Fisher & Raman (1996), Operations Research 44(1):87-99.
    """
    _check(prior, sd, price, cost, late_cost, salvage)
    p = _Problem(*(jnp.asarray(v, float) for v in (prior, means, sd, price, cost, late_cost, salvage, demand)))
    orders, values = _solve(p)
    mean_demand = p.demand * (p.prior * jnp.exp(2.0 * p.means + p.sd**2)).sum()
    margin = jnp.maximum(p.price - jnp.minimum(p.cost, p.late_cost), 0.0)
    known = p.prior @ values[2:]
    return TwoOrders(orders[0], values[0], orders[1], values[1], orders[2:], known, margin * mean_demand)


@jax.jit
def _solve(p):
    """Without updating, with it, and told each regime (all means alike): one batch of problems."""
    regimes = len(p.means)
    told = jnp.broadcast_to(p.means[:, None], (regimes, regimes))
    means = jnp.concatenate([jnp.broadcast_to(p.means, (2, regimes)), told])
    learns = jnp.arange(2 + regimes) > 0
    return jax.vmap(lambda means, learns: _best(p._replace(means=means), learns))(means, learns)


def _check(prior, sd, price, cost, late_cost, salvage):
    if any(isinstance(v, jax.core.Tracer) for v in (prior, sd, price, cost, late_cost, salvage)):
        return
    if abs(float(np.sum(prior)) - 1.0) > 1e-9 or np.min(prior) < 0.0:
        raise InputError(f"prior sums to {float(np.sum(prior)):g}, not 1: give one chance in [0, 1] per regime")
    if np.min(sd) <= 0.0:
        raise InputError(f"sd is {float(np.min(sd)):g}: give a standard deviation of growth above 0")
    if np.max(salvage) >= min(np.min(cost), np.min(late_cost), np.min(price)):
        raise InputError(
            f"salvage is {float(np.max(salvage)):g}: set it below cost, late_cost and price, or orders grow forever"
        )


def _posterior(p, growth):
    means = jnp.broadcast_to(p.means, (*growth.shape, len(p.means)))
    return update(p.prior, norm.logpdf(growth[..., None], means, p.sd))


def _target(p, growth, learns):
    """Capacity up to which the second order goes, given first-period growth."""
    fractile = (p.price - p.late_cost) / (p.price - p.salvage)
    wanted = jnp.maximum(fractile, 1e-300)  # ndtri(0) would poison the derivative of the branch not taken
    posterior = _posterior(p, growth)
    weights = jnp.where(learns, posterior, jnp.broadcast_to(p.prior, posterior.shape))
    log_ratio = mixture_quantile(weights, p.means, p.sd, jnp.broadcast_to(wanted, growth.shape))
    return jnp.where(fractile > 0.0, p.demand * jnp.exp(growth + log_ratio), 0.0)


def _last_small_growth(p, order, learns):
    """Growth below which the first order is enough: the target rises with growth, so it is one point."""
    low, high = p.means.min() - REACH * p.sd, p.means.max() + REACH * p.sd
    return _bisect(lambda g: _target(p, g, learns) - order, low, high)


def _pieces(p, split):
    """Quadrature over g1 given each regime, split where q1 becomes zero: growth and weight (K, 2, N)."""
    low, high = p.means - REACH * p.sd, p.means + REACH * p.sd
    middle = jnp.clip(split, low, high)
    left, right = jnp.stack([low, middle], -1)[..., None], jnp.stack([middle, high], -1)[..., None]
    growth = (left + right) / 2.0 + (right - left) / 2.0 * NODES.reshape(1, 1, -1)
    return growth, (right - left) / 2.0 * WEIGHTS.reshape(1, 1, -1) * norm.pdf(growth, p.means[:, None, None], p.sd)


def _marginal(p, order, learns):
    """d value / d order: the bill, the late bill saved, and what the unit earns when no second order is placed."""
    split = _last_small_growth(p, order, learns)
    growth, weight = _pieces(p, split)
    means = p.means[:, None, None]
    scarce = ndtr((growth + means - jnp.log(order / p.demand)) / p.sd)[:, 0]  # Pr(D > q0 | g1, regime)
    alone = (weight[:, 0] * (p.salvage + (p.price - p.salvage) * scarce)).sum(-1)
    return p.prior @ (alone + p.late_cost * weight[:, 1].sum(-1)) - p.cost


def _value(p, order, learns):
    growth, weight = _pieces(p, _last_small_growth(p, order, learns))
    total = jnp.maximum(order, _target(p, growth, learns))
    mean = growth + p.means[:, None, None] + jnp.log(p.demand)
    idle = _expected_idle(total, mean, p.sd)
    sold = total - idle
    profit = p.price * sold + p.salvage * idle - p.late_cost * (total - order)
    return p.prior @ (weight * profit).sum((-2, -1)) - p.cost * order


def _expected_idle(capacity, mean, sd):
    """E (Q - D)+ for ln D ~ N(mean, sd^2)."""
    empty = capacity <= 0.0
    z = (jnp.log(jnp.where(empty, 1.0, capacity)) - mean) / sd
    return jnp.where(empty, 0.0, capacity * ndtr(z) - jnp.exp(mean + sd**2 / 2.0) * ndtr(z - sd))


def _best(p, learns):
    """Best first order and its value; zero when waiting, or not ordering at all, is no dearer."""
    width = 2.0 * REACH * p.sd
    low, high = 2.0 * p.means.min() - width, 2.0 * p.means.max() + width
    # Without updating the value need not be concave: scan for the best cell, then bisect the slope in it.
    grid = jnp.linspace(low, high, 33) + jnp.log(p.demand)
    best = jnp.clip(jnp.argmax(jax.vmap(lambda x: _value(p, jnp.exp(x), learns))(grid)), 1, 31)
    order = jnp.exp(_bisect(lambda x: -_marginal(p, jnp.exp(x), learns), grid[best - 1], grid[best + 1]))
    order = jnp.where(jnp.minimum(p.late_cost, p.price) > p.cost, order, 0.0)
    return order, _value(p, order, learns)
