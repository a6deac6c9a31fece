"""Logit demand: buyers of several types choose one of many products, or none.

A buyer of type i gets u_ij = value_ij - sensitivity_i p_j + e_ij from product j and e_i0 from none. Plain logit: e is
extreme value, s_ij = exp(v_ij) / (1 + sum of exp(v_ik)) with v = value - sensitivity p (McFadden 1974). Nested: e is
alike within a nest to the degree rho_g, so that a nest is worth I_g = (1 - rho_g) ln sum exp(v_ik / (1 - rho_g)) and
s_ij = exp(v_ij / (1 - rho_g)) / exp(I_g / (1 - rho_g)) x exp(I_g) / (1 + sum exp(I)) (Berry 1994, RAND Journal of
Economics 25:242). Mixed: shares are sums over types by `weight` (Berry, Levinsohn & Pakes 1995, Econometrica 63:841).

A `Market` holds the data; functions take it first and prices (..., products) second, work on batches along leading
axes, and run under jit, vmap and grad. Sums over types are taken of logarithms: no share is lost, however small.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.nn import logsumexp

from gigawatt.core.errors import InputError
from gigawatt.decisions.elementwise import line_up, require

ABSENT = -1e4  # value of a product that is not for sale: its share is 0 beside any other


class Market(eqx.Module):
    """Products with value, cost, owner and capacity; buyers with types and a sensitivity to price.

    value: utility at a price of 0, (..., products), or (..., types, products) with `weight`. sensitivity: alpha > 0,
    utility per money, (...) or (..., types). cost: of one more unit, (..., products). size: number of buyers.
    capacity: units that can be sold, (..., products). weight: share of each type among buyers, (..., types), adds up
    to 1. rho: likeness within the nest in [0, 1), (...) for one nest of all products; with `nest`, the number of each
    product's nest from 0, (..., nests) or one number for all. owner: who sets the price of each product, as names or
    numbers by product, or an ownership matrix (products, products) whose row j says how much the owner of j counts the
    profit of each; each product has an owner of its own if it is left out.

    Raises InputError for a sensitivity not above 0, a negative cost, size or capacity, rho outside [0, 1), weights that
    are negative or do not add up to 1, NaN, and shapes that do not go together.
    """

    value: jax.Array  # (..., types, products)
    sensitivity: jax.Array  # (..., types)
    cost: jax.Array
    size: jax.Array
    capacity: jax.Array
    weight: jax.Array
    rho: jax.Array | None  # (..., products)
    owns: jax.Array | None  # (..., products, products)
    nest: tuple[int, ...] | None = eqx.field(static=True)

    def __init__(
        self,
        value: Any,
        sensitivity: Any,
        cost: Any,
        *,
        size: Any = 1.0,
        capacity: Any = jnp.inf,
        weight: Any = None,
        rho: Any = None,
        nest: Sequence[int] | None = None,
        owner: Any = None,
    ):
        axes = {"cost": "J", "size": "", "capacity": "J"}
        given = {"cost": cost, "size": size, "capacity": capacity}
        axes |= {"value": "J", "sensitivity": ""} if weight is None else {"value": "IJ", "sensitivity": "I"}
        given |= {"value": value, "sensitivity": sensitivity}
        if weight is not None:
            axes["weight"], given["weight"] = "I", weight
        products = max(np.shape(value)[-1:] + np.shape(cost)[-1:] + np.shape(capacity)[-1:], default=1)
        if rho is not None:
            each = jnp.asarray(rho, float)
            if nest is not None:
                nest = _nest_numbers(nest, products)
                if each.ndim and each.shape[-1] != 1 + max(nest):
                    raise InputError(f"rho has shape {each.shape}, but there are {1 + max(nest)} nests")
                each = each[..., np.array(nest)] if each.ndim else each
            elif each.ndim:
                each = each[..., None]
            nest = nest or (0,) * products
            axes["rho"], given["rho"] = "J", each
        elif nest is not None:
            raise InputError("nest is given without rho: say how alike the products of a nest are")
        if owner is not None:
            axes["owner"], given["owner"] = "JK", _ownership(owner, products)
        fields = line_up(axes, **given)
        alone = weight is None
        self.value = fields["value"][..., None, :] if alone else fields["value"]
        self.sensitivity = fields["sensitivity"][..., None] if alone else fields["sensitivity"]
        self.weight = jnp.ones_like(self.sensitivity) if alone else fields["weight"]
        self.cost, self.size, self.capacity = (fields[name] for name in ("cost", "size", "capacity"))
        self.rho, self.owns, self.nest = fields.get("rho"), fields.get("owner"), nest

        require("value", self.value, self.value < jnp.inf, "the value of a product is a number")
        alpha, total = self.sensitivity, self.weight.sum(-1)
        require("sensitivity", alpha, alpha > 0.0, "buyers mind a higher price: alpha is above 0")
        require("cost", self.cost, self.cost >= 0.0, "a unit cannot cost less than nothing")
        require("size", self.size, self.size >= 0.0, "a market has no fewer than no buyers")
        require("capacity", self.capacity, self.capacity >= 0.0, "nobody can sell less than nothing")
        require("weight", self.weight, self.weight >= 0.0, "it is a share of the buyers")
        require("the sum of weight", total, jnp.abs(total - 1.0) < 1e-9, "shares of types add up to 1")
        if self.rho is not None:
            require("rho", self.rho, (self.rho >= 0.0) & (self.rho < 1.0), "likeness within a nest lies in [0, 1)")

    @property
    def products(self) -> int:
        """Number of products."""
        return self.cost.shape[-1]

    def only(self, present) -> "Market":
        """The market with the products for which `present` (..., products) is true."""
        value = jnp.where(jnp.asarray(present, bool)[..., None, :], self.value, ABSENT)
        return eqx.tree_at(lambda m: m.value, self, value)


def _nest_numbers(nest: Sequence[int], products: int) -> tuple[int, ...]:
    numbers = tuple(int(g) for g in nest)
    if len(numbers) != products or set(numbers) != set(range(max(numbers) + 1)):
        raise InputError(f"nest is {numbers}: give each of {products} products the number of its nest, from 0")
    return numbers


def _ownership(owner: Any, products: int):
    """Ownership matrix from a name by product, or as given."""
    if np.ndim(owner) != 1:
        return owner
    if len(owner) != products:
        raise InputError(f"owner has {len(owner)} names: give one for each of {products} products")
    names = list(owner)
    return np.array([[float(a == b) for b in names] for a in names])


def merged(market: Market, first: int, second: int) -> Market:
    """The market after the owners of two products (given by their places) become one."""
    n = market.products
    owns = jnp.broadcast_to(jnp.eye(n), (*market.cost.shape, n)) if market.owns is None else market.owns
    group = jnp.maximum(owns[..., first, :], owns[..., second, :])
    both = jnp.maximum(owns, group[..., :, None] * group[..., None, :])
    return eqx.tree_at(lambda m: m.owns, market, both, is_leaf=lambda x: x is None)


class Choice(NamedTuple):
    """What buyers of each type choose, (..., types, products); what is not used is not computed under jit."""

    share: jax.Array
    log_share: jax.Array
    within: jax.Array | None  # share within the nest
    worth: jax.Array  # (..., types) ln(1 + sum exp): utility of the choice as a whole


def choice(market: Market, price) -> Choice:
    """Choices of each type at prices (..., products)."""
    utility = market.value - market.sensitivity[..., None] * price[..., None, :]
    if market.rho is None:
        share, worth = _among(utility)
        return Choice(share, utility - worth[..., None], None, worth)
    member, own = _members(market), np.array(market.nest)
    nearer = 1.0 - market.rho[..., None, :]
    scaled = utility / nearer
    each = jnp.repeat(scaled[..., None, :], len(member), axis=-2)
    inside = logsumexp(each, axis=-1, b=jnp.broadcast_to(member, each.shape))  # (..., types, nests)
    nests = nearer[..., np.argmax(member, axis=-1)] * inside  # rho of a nest is that of its first product
    _, worth = _among(nests)
    within = scaled - inside[..., own]
    log_share = within + nests[..., own] - worth[..., None]
    return Choice(jnp.exp(log_share), log_share, jnp.exp(within), worth)


def _among(x):
    """exp(x) / (1 + sum of exp(x)) and ln(1 + sum of exp(x)), along the last axis."""
    top = jax.lax.stop_gradient(jnp.maximum(x.max(-1), 0.0))
    weight = jnp.exp(x - top[..., None])
    total = jnp.exp(-top) + weight.sum(-1)
    return weight / total[..., None], top + jnp.log(total)


def _members(market: Market) -> np.ndarray:
    numbers = np.array(market.nest)
    return np.arange(numbers.max() + 1)[:, None] == numbers


def shares(market: Market, price):
    """Share of all buyers that take each product, (..., products). [share]"""
    return (market.weight[..., None] * choice(market, _prices(market, price)).share).sum(-2)


def outside(market: Market, price):
    """Share of all buyers that take none. [share]"""
    return (market.weight * jnp.exp(-choice(market, _prices(market, price)).worth)).sum(-1)


def surplus(market: Market, price):
    """Worth of the choice to all buyers: size x sum of weight ln(1 + sum exp) / sensitivity. [money]

    Small & Rosen (1981), Econometrica 49:105; the choice to buy nothing counts as 0.
    """
    worth = choice(market, _prices(market, price)).worth
    return market.size * (market.weight * worth / market.sensitivity).sum(-1)


def _prices(market: Market, price):
    price = jnp.asarray(price, float)
    if price.ndim == 0 or price.shape[-1] != market.products:
        raise InputError(f"price has shape {price.shape}: give one for each of {market.products} products")
    return jnp.broadcast_to(price, jnp.broadcast_shapes(price.shape, market.cost.shape))


def pull(market: Market, made: Choice):
    """Types behind the buyers of each product, times their sensitivity: (..., types, products)."""
    if market.weight.shape[-1] == 1:
        return jnp.broadcast_to(market.sensitivity[..., None], made.log_share.shape)
    behind = jnp.log(market.weight)[..., None] + made.log_share
    return jax.nn.softmax(behind, axis=-2) * market.sensitivity[..., None]


def semi_elasticities(market: Market, price):
    """- d ln s_j / d p_k: percent of j's buyers lost per money on k's price, (..., products j, products k). [1/money]

    By type sensitivity x (d_jk / (1 - rho) - rho / (1 - rho) s_k|g [same nest] - s_k), averaged over j's buyers.
    """
    made = choice(market, _prices(market, price))
    by_type, share = pull(market, made), made.share
    own, same = by_type, None
    if made.within is not None and market.rho is not None:
        rho = market.rho[..., None, :]
        own = by_type / (1.0 - rho)
        same = jnp.einsum("...ij,...ik->...jk", own * rho, made.within)
    crossed = -jnp.einsum("...ij,...ik->...jk", by_type, share)
    if same is not None:
        nest = np.array(market.nest)
        crossed = crossed - same * jnp.broadcast_to(nest[:, None] == nest, same.shape)
    return crossed + own.sum(-2)[..., None] * jnp.broadcast_to(jnp.eye(market.products), crossed.shape)


def elasticities(market: Market, price):
    """d ln s_j / d ln p_k, (..., products j, products k). [1]"""
    price = _prices(market, price)
    return -semi_elasticities(market, price) * price[..., None, :]


def diversion(market: Market, price):
    """Share of the buyers whom j loses by a higher price that go to k; on the diagonal, to nobody. [share]

    (ds_k / dp_j) / |ds_j / dp_j|, (..., products j, products k): rows add up to 1. Conlon & Mortimer (2021), RAND
    Journal of Economics 52:693.
    """
    by = semi_elasticities(market, price)
    own = jnp.diagonal(by, axis1=-2, axis2=-1)[..., None]
    own_price = jnp.broadcast_to(np.eye(market.products, dtype=bool), by.shape)
    return jnp.where(own_price, by.sum(-1, keepdims=True), -by) / own


def hhi(market: Market, share):
    """Herfindahl-Hirschman index of owners among buyers who buy: 10,000 times the sum of squared shares. [points]

    For whole ownership: a product counts the shares of all that its owner owns. 0 where nobody buys.
    """
    inside = share / jnp.maximum(share.sum(-1, keepdims=True), jnp.finfo(float).tiny)
    of_owner = inside if market.owns is None else (market.owns * inside[..., None, :]).sum(-1)
    return 1e4 * (inside * of_owner).sum(-1)
