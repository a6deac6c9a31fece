"""Capacity orders by dynamic programming in ratios to demand, with beliefs, cash and ruin for good.

With linear costs everything scales: V(D, K, W, b) = D v(K/D, W/D, b). So demand leaves the state, and numbers stay
near one over thousandfold growth. A `Lattice` says what may follow each class of nodes (a regime, a belief, a world).
The grid has two dimensions beside the class: capacity already contracted for the next period, and cash above what
survival needs. Contracts expire at the rate 1 / term, which is exact for term 1; exact expiry needs lead + term - 1
dimensions and is solved in `cuts.py`. At an order x, in units of today's demand:

    lead 1: serve = k + x, next = (1 - 1/term) serve        lead 2: serve = k, next = (1 - 1/term) k + x
    v(k, w) = max over x of beta sum_j p_j g_j [ f_j + v_j(next / g_j, w / g_j + f_j) ],
    f_j = margin min(1, serve / g_j) - price serve / g_j

and where cash w / g_j + f_j falls below zero the game ends with the value of ruin that the caller chooses.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gigawatt.core.errors import InputError
from gigawatt.decisions import tree as trees
from gigawatt.decisions.lattice import Lattice, lump

CAPACITY_POINTS, CASH_POINTS = 97, 65
BEND = 0.3  # the grid is even below this ratio and geometric above
FORBIDDEN = -1e30  # stands for minus infinity where numbers are interpolated
ZOOMS, TRIES = 5, 24  # rounds of the search for the order, and orders tried in each


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["keep", "margin", "price", "discount"],
    meta_fields=["lead", "counts_cash", "forbids_ruin"],  # these choose the programme that is compiled
)
@dataclass(frozen=True)
class Terms:
    """What orders cost and earn, per unit and period, and whether cash and ruin matter."""

    lead: int  # 1 or 2 periods
    keep: Array | float  # share of capacity that stays contracted a period later: 1 - 1 / term
    margin: Array | float
    price: Array | float
    discount: Array | float
    counts_cash: bool
    forbids_ruin: bool


class _Grid(NamedTuple):
    capacity: Array
    cash: Array


class _After(NamedTuple):
    """What may follow one class: J steps, with the value and the survival need of the class each leads to."""

    chance: Array  # (J,)
    growth: Array  # (J,)
    value: Array  # (J, capacity points, cash points)
    need: Array  # (J, capacity points)
    ruined: Array  # (J, capacity points) value where cash has run out


@dataclass(frozen=True, eq=False)
class RatioSolution:
    """Value functions on the grid, by period: (classes, capacity points, cash points), and survival needs."""

    lattice: Lattice
    terms: Terms
    grid: _Grid
    most: float  # largest order tried, in units of demand
    values: list[Array]
    needs: list[Array]
    ruined: list[Array]
    neutral: "RatioSolution | None"  # what goes on after ruin, where anything does

    def best(self, capacity, cash, period=0, kind=0):
        """Order / D and value / D at arrays of capacity / D and cash / D, after the period's own cash flow.

        `capacity` is what is contracted for the next period before the order. Both NaN where ruin cannot be avoided.
        `kind` is the class in the lattice. Raises InputError for a period without a later one.
        """
        if not 0 <= period < self.lattice.periods - 1:
            raise InputError(f"period is {period}: orders matter in periods 0 to {self.lattice.periods - 2}")
        capacity, cash = (jnp.asarray(v, float) for v in jnp.broadcast_arrays(capacity, cash))
        tables = self.values[period + 1], self.needs[period + 1], self.ruined[period + 1]
        after = _after(self.lattice, period, *tables)
        one = _After(*(part[kind] for part in after))
        size = max(64, 1 << (capacity.size - 1).bit_length())  # few sizes, so that few programs are compiled
        points = (jnp.zeros(size).at[: v.size].set(v.ravel()) for v in (capacity, cash))
        answers = _best(self.terms, self.grid, self.most, one, *points)
        return tuple(answer[: capacity.size].reshape(capacity.shape) for answer in answers)


def solve_in_ratios(
    lattice: Lattice, *, lead, term, margin, price=1.0, discount=1.0, ruin=None, goes_on=False
) -> RatioSolution:
    """Value functions of the order problem, backward over a lattice.

    lead: 1 or 2 periods; term: mean periods of a contract (expiry at rate 1 / term); margin and price per unit and
    period; ruin: None ignores cash, minus infinity forbids cash below zero, a number <= 0 is the value of ruin in units
    of demand then, or a list of arrays (classes,) by period. Nothing follows ruin, unless it `goes_on` as if cash did
    not matter: then `ruin` is a Lagrange multiplier on its chance. Raises InputError.
    """
    _check(lead, term, margin, price, discount, ruin)
    fastest = max([1.0, *(growth[chance > 0.0].max() for chance, growth in zip(*lattice[:2], strict=True))])
    most = fastest**lead
    terms = Terms(lead, 1.0 - 1.0 / term, margin, price, discount, ruin is not None, _forbids(ruin))
    rich = 2.0 * most * price * min(term, lattice.periods)
    points = CASH_POINTS if terms.counts_cash else 2
    grid = _Grid(_ratios(2.0 * most, CAPACITY_POINTS, _kinks(lattice, lead)), _ratios(rich, points))
    neutral = None
    if goes_on:
        neutral = solve_in_ratios(lattice, lead=lead, term=term, margin=margin, price=price, discount=discount)
    ruined = [_value_of_ruin(ruin, period, lattice, grid, neutral) for period in range(lattice.periods)]
    needs = [jnp.zeros((_classes(lattice, lattice.periods - 1), len(grid.capacity)))]
    values = [jnp.zeros((*needs[0].shape, len(grid.cash)))]
    for period in range(lattice.periods - 2, -1, -1):
        after = _after(lattice, period, values[0], needs[0], ruined[period + 1])
        found = [_backward(terms, grid, most, _After(*rows)) for rows in zip(*after, strict=True)]
        value, need = (jnp.stack(column) for column in zip(*found, strict=True))
        values.insert(0, value)
        needs.insert(0, need)
    return RatioSolution(lattice, terms, grid, most, values, needs, ruined, neutral)


def _check(lead, term, margin, price, discount, ruin):
    if lead not in (1, 2) or term < 1.0:
        raise InputError(f"lead {lead}, term {term}: the grid knows leads of 1 and 2 periods, and terms of at least 1")
    if margin <= price or price <= 0.0 or not 0.0 < discount <= 1.0:
        raise InputError(
            f"margin {margin}, price {price}, discount {discount}: give margin > price > 0, discount 0 to 1"
        )
    if ruin is not None and max(np.max(value) for value in (ruin if isinstance(ruin, list) else [ruin])) > 0.0:
        raise InputError(f"ruin is {ruin}: its value is at most 0, or ruin would be sought")


def _forbids(ruin):
    return not isinstance(ruin, list) and ruin == -np.inf


def _classes(lattice, period):
    return 1 if period == 0 else int(lattice.following[period - 1].max()) + 1


def _value_of_ruin(ruin, period, lattice, grid, neutral):
    """Value by class and capacity where cash has run out. (classes, capacity points)"""
    at_once = ruin[period] if isinstance(ruin, list) else max(ruin or 0.0, FORBIDDEN)
    value = jnp.broadcast_to(jnp.asarray(at_once, float), _classes(lattice, period))[:, None]
    return value + (neutral.values[period][..., 0] if neutral else jnp.zeros((1, len(grid.capacity))))


def follow(solution: RatioSolution, bet: "trees.Bet", number) -> np.ndarray:
    """Orders by node when the policy is followed on the tree that the lattice came from. [units, (nodes,)]

    Capacity and cash are the tree's own, with contracts that expire exactly: so the value of these orders on the tree
    tells what expiry at a rate costs. `number` holds each node's class, as `lump` gives it.
    """
    tree = bet.tree
    orders = np.zeros(len(tree.parent))
    first_child = np.zeros(len(tree.parent), int)
    first_child[tree.parent[:0:-1]] = np.arange(len(tree.parent))[:0:-1]
    for period in range(tree.periods - 1):
        contracted = trees.capacity(bet, orders)[first_child] / tree.demand
        cash = trees.cash(bet, orders) / tree.demand
        ruined = trees.ruined(bet, orders) if solution.terms.counts_cash else np.zeros(len(orders), bool)
        for kind in np.unique(number[tree.time == period]):
            plans: list[tuple[np.ndarray, RatioSolution | None]] = [(~ruined, solution), (ruined, solution.neutral)]
            for mask, plan in plans:
                nodes = np.flatnonzero((tree.time == period) & (number == kind) & mask)
                if plan is not None and nodes.size:
                    order, _ = plan.best(contracted[nodes], cash[nodes], period, kind)
                    orders[nodes] = np.nan_to_num(np.asarray(order)) * tree.demand[nodes]
    return orders


class Frontier(NamedTuple):
    """What a smaller chance of ruin costs: one entry per multiplier."""

    multiplier: np.ndarray  # money that ruin is charged with
    value: np.ndarray  # expected discounted cash flow, without the charge
    ruin: np.ndarray  # probability
    order: np.ndarray  # the first one, units


def ruin_frontier(bet: "trees.Bet", multipliers) -> Frontier:
    """Value against chance of ruin on a tree, by a Lagrange multiplier on ruin (0: neutral; large: never, if possible).

    Every point is a plan on the tree, so its value and chance are exact; together they trace the concave part of the
    chance-constrained frontier, up to the grid and to expiry at a rate. One contract, lead 1 or 2, one price.
    """
    contract, tree = bet.contracts[0], bet.tree
    if len(bet.contracts) > 1 or np.ptp(contract.price) > 0.0 or np.ptp(bet.margin) > 0.0 or np.any(bet.fixed):
        raise InputError("the grid knows one contract, one price, one margin, no fixed cost: use the linear programme")
    if tree.demand.min() <= 0.0:
        raise InputError(f"demand falls to {tree.demand.min():g}: ratios need demand above 0; use the linear programme")
    lattice, number, _ = lump(tree, by_demand=True)
    rows = []
    for multiplier in multipliers:
        charge = [np.zeros(_classes(lattice, period)) for period in range(tree.periods)]
        for node, period in enumerate(tree.time):  # a charge on probability is not discounted
            charge[period][number[node]] = -multiplier / (tree.demand[node] * bet.discount**period)
        solution = solve_in_ratios(
            lattice,
            lead=contract.lead,
            term=contract.term,
            margin=float(bet.margin[0]),
            price=float(np.max(contract.price)),
            discount=bet.discount,
            ruin=charge,
            goes_on=True,
        )
        orders = follow(solution, bet, number)
        chance = tree.probability[tree.is_leaf] @ trees.ruined(bet, orders)[tree.is_leaf]
        rows.append((multiplier, trees.value(bet, orders), chance, orders[0]))
    return Frontier(*np.array(rows, float).T)


def policy_map(solution: RatioSolution, capacity, cash, period=0, kind=0) -> Array:
    """Order / D over capacity / D (rows) and cash / D (columns): the picture of a policy.

    NaN where cash counts and even the safest order cannot rule out ruin, or cash is below zero already.
    """
    order, _ = solution.best(jnp.asarray(capacity, float)[:, None], jnp.asarray(cash, float)[None], period, kind)
    return order


def _ratios(most, points, kinks=()):
    """Even below BEND, geometric above, with the `kinks` among the points."""
    even = BEND * np.expm1(np.linspace(0.0, np.log1p(most / BEND), points))
    kinks = np.unique(np.round([k for k in kinks if 0.0 < k < even[-1]], 9))
    return jnp.asarray(np.sort(np.concatenate([even, np.setdiff1d(kinks, even)])))


def _kinks(lattice, steps, limit=40):
    """Where capacity just meets a demand that may come within the lead: the value bends there."""
    factors = np.unique(np.concatenate([growth[chance > 0.0] for chance, growth in zip(*lattice[:2], strict=True)]))
    if len(factors) > limit:
        return ()  # so many that the value is smooth
    return np.unique(np.concatenate([factors] + [np.outer(factors, factors).ravel()] * (steps > 1)))


def _after(lattice, period, value, need, ruined):
    chance, growth, following = (part[period] for part in lattice)
    return _After(jnp.asarray(chance), jnp.asarray(growth), value[following], need[following], ruined[following])


def _cell(grid, ratio):
    """Lower grid point and how far beyond it, in cells; unbounded above the last point."""
    index = jnp.clip(jnp.searchsorted(grid, ratio, side="right") - 1, 0, len(grid) - 2)
    return index, (ratio - grid[index]) / (grid[index + 1] - grid[index])


def _at(table, grid, capacity, cash):
    """Linear interpolation; goes on in a straight line above the largest capacity, flat above the most cash."""
    i, a = _cell(grid.capacity, capacity)
    j, b = _cell(grid.cash, cash)
    b = jnp.clip(b, 0.0, 1.0)
    low = (1.0 - b) * table[i, j] + b * table[i, j + 1]
    high = (1.0 - b) * table[i + 1, j] + b * table[i + 1, j + 1]
    return (1.0 - a) * low + a * high


def _on_capacity(need, grid, capacity):
    i, a = _cell(grid.capacity, capacity)
    return (1.0 - a) * need[i] + a * need[i + 1]


def _step(terms, capacity, order, growth):
    """Cash flow and capacity contracted for the period after, one step on, in units of demand then."""
    if terms.lead == 1:
        serve = capacity + order
        contracted = terms.keep * serve
    else:
        serve, contracted = capacity, terms.keep * capacity + order
    serve = serve / growth
    return terms.margin * jnp.minimum(1.0, serve) - terms.price * serve, contracted / growth


def _cash_needed(terms, grid, after, capacity, order):
    """Least cash / D with which this order survives the next step, however demand moves, and can go on."""

    def one(chance, growth, need):
        flow, contracted = _step(terms, capacity, order, growth)
        return jnp.where(chance > 0.0, growth * (_on_capacity(need, grid, contracted) - flow), 0.0)

    return jax.vmap(one)(after.chance, after.growth, after.need).max(0)


def _worth(terms, grid, after, capacity, cash, order):
    """Expected discounted value of an order, in units of demand now."""

    def one(chance, growth, value, need, ruined):
        flow, contracted = _step(terms, capacity, order, growth)
        spare = cash / growth + flow - _on_capacity(need, grid, contracted)
        goes_on = _at(value, grid, contracted, spare)
        if terms.counts_cash:
            goes_on = jnp.where(spare < -1e-9, _on_capacity(ruined, grid, contracted), goes_on)
        return jnp.where(chance > 0.0, chance * growth * (flow + goes_on), 0.0)

    return terms.discount * jax.vmap(one)(*after).sum(0)


def _search(objective, most, start):
    """Order in [0, most] that maximises: the best of `start` and many, then again around it, ever closer."""

    def zoom(turn, best):
        width = 2.0 * most * (3.0 / TRIES) ** turn
        low = jnp.clip(best - width / 2.0, 0.0, most)
        share = jnp.linspace(0.0, 1.0, TRIES).reshape(-1, *[1] * best.ndim)
        tries = jnp.concatenate([best[None], low[None] + share * jnp.minimum(width, most - low)[None]])
        return jnp.take_along_axis(tries, jax.vmap(objective)(tries).argmax(0)[None], 0)[0]

    best = jax.lax.fori_loop(0, ZOOMS, zoom, start)
    return best, objective(best)


def _safest(terms, grid, most, after, capacity):
    """Order that needs the least cash, and that cash. Zero need unless ruin is forbidden."""
    if not terms.forbids_ruin:
        return jnp.zeros_like(capacity), jnp.zeros_like(capacity)
    order, spare = _search(lambda x: -_cash_needed(terms, grid, after, capacity, x), most, jnp.zeros_like(capacity))
    return order, jnp.maximum(-spare, 0.0)


@jax.jit
def _best(terms, grid, most, after, capacity, cash):
    safest, need = _safest(terms, grid, most, after, capacity)
    order, value = _search(lambda x: _worth(terms, grid, after, capacity, cash, x), most, safest)
    lost = terms.counts_cash & (cash < need - 1e-9)
    return jnp.where(lost, jnp.nan, order), jnp.where(lost, jnp.nan, value)


@jax.jit
def _backward(terms, grid, most, after):
    """Value and need of one class on the grid; cash is counted from the need, so that the grid has no hole."""
    safest, need = _safest(terms, grid, most, after, grid.capacity)
    capacity = jnp.broadcast_to(grid.capacity[:, None], (len(grid.capacity), len(grid.cash)))
    start = jnp.broadcast_to(safest[:, None], capacity.shape)
    cash = need[:, None] + grid.cash[None]
    _, value = _search(lambda x: _worth(terms, grid, after, capacity, cash, x), most, start)
    return value, need
