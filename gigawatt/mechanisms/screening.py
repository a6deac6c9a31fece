"""Screening: the menu of quantities and payments for buyers whose taste the seller cannot see (S29).

Mussa & Rosen (1978), Journal of Economic Theory 18:301-317; Maskin & Riley (1984), RAND Journal 15:171-196; ironing
as in Myerson (1981), Mathematics of Operations Research 6:58-73. For models sold by the token: Bergemann, Bonatti &
Smolin (2025), arXiv:2502.07736.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp


class Menu(NamedTuple):
    """One plan per type, types along the last axis. quantity: tokens; payment: committed spend; surplus: left to it."""

    quantity: jnp.ndarray
    payment: jnp.ndarray
    surplus: jnp.ndarray


def worth(quantity, curvature):
    """Worth of a quantity to a type of one: q^a / a, a in (0, 1). [USD]"""
    return quantity**curvature / curvature


def wanted(taste, curvature, cost):
    """Quantity at which a type's last token is worth its cost: (taste / c)^(1/(1 - a)); none below zero. [tokens]"""
    some = taste > 0.0
    return jnp.where(some, (jnp.where(some, taste, 1.0) / cost) ** (1.0 / (1.0 - curvature)), 0.0)


def virtual_types(types, share):
    """Types less the rent that serving them gives to all above: t_i - (t_i+1 - t_i) (1 - F_i) / f_i. [unit of types]

    types rise along the last axis; share: chance of each, above zero. The discrete form of t - (1 - F)/f.
    """
    types, share = jnp.asarray(types, float), jnp.asarray(share, float)
    step = jnp.diff(types, axis=-1, append=types[..., -1:])
    above = jnp.flip(jnp.cumsum(jnp.flip(share, -1), axis=-1), -1) - share
    return types - step * above / share


def ironed(virtual, share):
    """Virtual types made to rise: pooled to their mean where they fall. [unit of types]

    The weighted isotonic regression as max over s <= i of min over t >= i of the mean from s to t (Robertson, Wright
    & Dykstra 1988, Order Restricted Statistical Inference, section 1.4). Types along the last axis.
    """
    return _isotonic(jnp.asarray(virtual, float), jnp.asarray(share, float))


@partial(jnp.vectorize, signature="(n),(n)->(n)")
def _isotonic(virtual, share):
    weight, mass = (jnp.concatenate([jnp.zeros(1), jnp.cumsum(x)]) for x in (share, share * virtual))
    from_to = jnp.triu(jnp.ones((len(share), len(share)), bool))  # s <= t
    width = weight[None, 1:] - weight[:-1, None]
    means = jnp.where(from_to, (mass[None, 1:] - mass[:-1, None]) / jnp.where(from_to, width, 1.0), jnp.inf)
    least = jax.lax.cummin(means, axis=1, reverse=True)
    return jnp.max(jnp.where(from_to, least, -jnp.inf), axis=0)


def menu(types, share, curvature, cost) -> Menu:
    """The most profitable menu for buyers with utility t q^a / a - payment. Types along the last axis.

    The highest type gets its efficient quantity; each lower one less, so that those above are not tempted; some may
    get none. Payments make each type indifferent to the plan below its own, the lowest to buying nothing.
    types and share may hold many markets; curvature and cost are numbers.
    """
    types, share = jnp.broadcast_arrays(jnp.asarray(types, float), jnp.asarray(share, float))
    quantity = wanted(ironed(virtual_types(types, share), share), curvature, cost)
    value = worth(quantity, curvature)
    rent = jnp.cumsum(jnp.diff(types, axis=-1) * value[..., :-1], axis=-1)
    surplus = jnp.concatenate([jnp.zeros_like(rent[..., :1]), rent], axis=-1)
    return Menu(quantity, types * value - surplus, surplus)


def two_types(low, high, share_high, curvature, cost) -> Menu:
    """The menu for two types in closed form (Maskin & Riley 1984, section 2). Arguments may be arrays.

    q_H = (t_H / c)^(1/(1-a)); q_L the same of t_L - (t_H - t_L) h / (1 - h), none where that is negative;
    payments t_L v(q_L) and t_H v(q_H) - (t_H - t_L) v(q_L).
    """
    rent_rate = (high - low) * share_high / (1.0 - share_high)
    quantity = jnp.stack(jnp.broadcast_arrays(wanted(low - rent_rate, curvature, cost), wanted(high, curvature, cost)))
    of_low, of_high = worth(quantity, curvature)
    rent = (high - low) * of_low
    payment, surplus = jnp.stack([low * of_low, high * of_high - rent]), jnp.stack([0.0 * rent, rent])
    return Menu(*(jnp.moveaxis(x, 0, -1) for x in (quantity, payment, surplus)))


def menu_profit(plan: Menu, share, cost):
    """Profit per buyer from a menu. [USD]"""
    return jnp.sum(jnp.asarray(share) * (plan.payment - cost * plan.quantity), axis=-1)
