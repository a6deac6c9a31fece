"""A simple rule for orders on a tree, trained by derivatives: order up to a multiple of demand, as far as cash allows.

    order = max(0, min(y D - K, a W + b D))

y, a, b by period and regime; D demand, K capacity already contracted for the period of service, W cash. Orders of this
form are exactly optimal where costs are linear and cash does not bind (order-up-to: compute-bet.md 2.4); with cash they
are near it. `gigawatt plan` trains a rule of this kind in the full world; here the linear programme audits it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.optimize import minimize

from gigawatt.core.errors import InputError
from gigawatt.decisions import tree as trees
from gigawatt.decisions.tree import Bet

SHARPNESS = (3.0, 10.0, 30.0, 100.0, 300.0)  # of the smooth corners, per unit of demand, while the rule is trained
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0)  # on a unit of cash below zero, in step with sharpness
STEPS = 200  # of the quasi-Newton method at each sharpness
SPREAD = 0.3  # of the second start about the first, in logs
LOG_BOUNDS = (-12.0, 6.0)


class Rule(NamedTuple):
    """Numbers of the rule, each (periods, kinds): order-up-to multiple, and slopes of the cap in cash and demand."""

    up_to: np.ndarray | Array
    per_cash: np.ndarray | Array
    per_demand: np.ndarray | Array


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained rule, the orders that it gives by node, and their exact value and chance of ruin."""

    rule: Rule
    orders: np.ndarray
    value: float
    probability_of_ruin: float


class _Levels(NamedTuple):
    """A tree by period: kinds of its nodes, places of their parents in the period before, demand."""

    kind: list[np.ndarray]
    parent: list[np.ndarray]
    demand: list[np.ndarray]


def kinds_of(bet: Bet) -> np.ndarray:
    """Regime of each node, or its place in its period where the tree has none."""
    tree = bet.tree
    if tree.regime is not None:
        return np.where(np.asarray(tree.regime) < 0, 0, tree.regime)
    return np.concatenate([np.arange((tree.time == t).sum()) for t in range(tree.periods)])


def train(bet: Bet, never_ruin: bool = False, seed: int = 0) -> Trained:
    """The best rule of this form, from the newsvendor's multiple uphill; with `never_ruin`, cash stays above zero.

    One contract without cancellation or option, nodes in order of time. Corners and the cash limit are smooth at first
    and sharpened in steps; the value is that of the exact rule. Raises InputError for other contracts.
    """
    contract = bet.contracts[0]
    if len(bet.contracts) > 1 or contract.cancellation is not None or contract.option_fee is not None:
        raise InputError(f"{len(bet.contracts)} contracts, or one that can be given up: use the linear programme")
    if contract.lead == 0:
        raise InputError("lead 0: nothing is uncertain when it is ordered; use the linear programme")
    levels, kinds = _levels(bet), int(kinds_of(bet).max()) + 1
    first = np.log(np.stack([_multiples(bet, kinds), *_caps(bet, kinds)]))
    climb = _climber(bet, levels, first.shape, never_ruin)
    rng, found = np.random.default_rng(seed), []
    for start in (first, first + SPREAD * rng.standard_normal(first.shape)):
        x = start.ravel()
        for sharp, penalty in zip(SHARPNESS, PENALTIES, strict=True):
            x = climb(x, sharp, penalty)
        found.append(_exact(bet, levels, Rule(*np.exp(x.reshape(first.shape))), never_ruin))
    return max(found, key=lambda trained: trained.value)


def _climber(bet: Bet, levels: _Levels, shape: tuple[int, ...], never_ruin: bool) -> Callable[..., np.ndarray]:
    """(logs of the rule's numbers, sharpness, penalty) -> better ones, for one tree."""

    def loss(x: Array, sharp: Array, penalty: Array) -> Array:
        rule = Rule(*jnp.exp(x.reshape(shape)))
        _, cash = follow(bet, levels, rule, never_ruin, sharp)
        before = jnp.where(bet.tree.parent >= 0, cash[bet.tree.parent], bet.cash)
        short = jax.nn.softplus(-sharp * cash) / sharp if never_ruin else jnp.zeros(1)  # rare nodes count in full
        return penalty * jnp.sum(short) - bet.weight @ (cash - before)

    slope = jax.jit(jax.value_and_grad(loss))  # one outcome of many numbers: backward is the cheap way

    def climb(x: np.ndarray, sharp: float, penalty: float) -> np.ndarray:
        return minimize(
            lambda x: tuple(np.asarray(part, float) for part in slope(x, sharp, penalty)),
            x,
            jac=True,
            method="L-BFGS-B",
            bounds=[LOG_BOUNDS] * len(x),
            options={"maxiter": STEPS},
        ).x

    return climb


def _exact(bet: Bet, levels: _Levels, rule: Rule, never_ruin: bool) -> Trained:
    """The rule without smoothing; where it must never be ruined, its cap is lowered until it is not."""

    def orders(part: float) -> np.ndarray:
        capped = Rule(rule.up_to, part * rule.per_cash, part * rule.per_demand)
        return np.asarray(follow(bet, levels, capped, never_ruin)[0])

    def safe(part: float) -> bool:
        return not never_ruin or trees.cash(bet, orders(part)).min() >= 0.0

    low, high = (1.0, 1.0) if safe(1.0) else (0.0, 1.0)
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if safe(middle) else (low, middle)
    plan, leaves = orders(low), bet.tree.leaves
    ruin = float(bet.tree.probability[leaves] @ trees.ruined(bet, plan)[leaves])
    return Trained(Rule(rule.up_to, low * rule.per_cash, low * rule.per_demand), plan, trees.value(bet, plan), ruin)


def _levels(bet: Bet) -> _Levels:
    tree, kind = bet.tree, kinds_of(bet)
    at = [np.flatnonzero(tree.time == t) for t in range(tree.periods)]
    parent = [np.zeros(1, int), *(tree.parent[now] - before[0] for before, now in zip(at, at[1:], strict=False))]
    return _Levels([kind[n] for n in at], parent, [tree.demand[n] for n in at])


def follow(bet: Bet, levels: _Levels, rule: Rule, capped: bool, sharp: Array | None = None) -> tuple[Array, Array]:
    """Orders and cash by node, in order of time; corners are smooth where `sharp` is given."""
    contract, periods = bet.contracts[0], bet.tree.periods
    lead, term = contract.lead, contract.term
    price = np.broadcast_to(contract.price, periods)

    def least(x: Array, y: Array, size: Array) -> Array:
        return jnp.minimum(x, y) if sharp is None else y - jax.nn.softplus(sharp * (y - x) / size) * size / sharp

    def some(x: Array, size: Array) -> Array:
        return jnp.maximum(x, 0.0) if sharp is None else jax.nn.softplus(sharp * x / size) * size / sharp

    made: list[Array] = []  # orders of the nodes on the path, one row of nodes for each period so far
    cash, orders, all_cash = jnp.full(1, bet.cash), [], []
    for t in range(periods):
        made = [x[levels.parent[t]] for x in made]
        demand, kind, nothing = levels.demand[t], levels.kind[t], jnp.zeros(len(levels.demand[t]))
        serving = [k for k in range(t) if lead <= t - k < lead + term]
        capacity = bet.existing[t] + sum((made[k] for k in serving), nothing)
        bill = bet.existing[t] * bet.existing_price[t] + sum((price[k] * made[k] for k in serving), nothing)
        cash = cash[levels.parent[t]] + bet.margin[t] * jnp.minimum(demand, capacity) - bill - bet.fixed[t]
        x = nothing
        if t + lead < periods:
            coming = sum((made[k] for k in range(t) if t - k < term), nothing)
            x = rule.up_to[t, kind] * demand - bet.existing[t + lead] - coming
            size = jnp.maximum(demand, 1e-9)
            if capped:
                x = least(x, rule.per_cash[t, kind] * cash + rule.per_demand[t, kind] * demand, size)
            x = some(x, size)
        made.append(x)
        orders.append(x)
        all_cash.append(cash)
    return jnp.concatenate(orders), jnp.concatenate(all_cash)


def _multiples(bet: Bet, kinds: int) -> np.ndarray:
    """Demand one lead time ahead over demand now, at the newsvendor's fractile, by period and kind."""
    tree, contract, kind = bet.tree, bet.contracts[0], kinds_of(bet)
    fractile = 1.0 - np.max(contract.price) / np.max(bet.margin)
    found = np.ones((tree.periods, kinds))
    for t in range(tree.periods - contract.lead):
        ahead = np.flatnonzero(tree.time == t + contract.lead)
        origin = tree.lineage[ahead, contract.lead]
        for k in np.unique(kind[tree.time == t]):
            mine = ahead[kind[origin] == k]
            ratio = tree.demand[mine] / np.maximum(tree.demand[tree.lineage[mine, contract.lead]], 1e-9)
            order = np.argsort(ratio)
            chance = np.cumsum(tree.probability[mine][order]) / tree.probability[mine].sum()
            found[t, k] = max(ratio[order][min(np.searchsorted(chance, fractile), len(order) - 1)], 1e-3)
    return found


def _caps(bet: Bet, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """A cap that spends half of cash on the contract's bills, and as much as demand now."""
    bill = np.max(bet.contracts[0].price) * bet.contracts[0].term
    shape = (bet.tree.periods, kinds)
    return np.full(shape, 0.5 / max(bill, 1e-9)), np.full(shape, 0.5)
