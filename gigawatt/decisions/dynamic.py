"""Exact dynamic programmes: capacity under Markov demand for ever, and a stock over finitely many periods.

The Bellman operator is factorised. Demand moves by itself (a Z x Z matrix); capacity moves by the action alone (a
table of next states). So an expectation is one small product P V and a gather:

    Q[z, x, a] = r[z, x, a] + beta (P V)[z, move[x, a]]
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu
from scipy.special import ndtr

from gigawatt.core.errors import InputError

SETTLED = 1e-12  # gain, relative to the largest value, below which a policy counts as unimprovable


class Problem(NamedTuple):
    """A Markov decision problem whose exogenous state z moves by itself and endogenous state x by the action a."""

    reward: np.ndarray  # (Z, X, A) money a period; -inf where an action is not allowed
    transition: np.ndarray  # (Z, Z) probabilities
    move: np.ndarray  # (X, A) next endogenous state
    beta: float  # discount factor a period


class Solution(NamedTuple):
    """Value [money] and best action [index], both (Z, X), and the rounds that the solver took."""

    value: np.ndarray
    policy: np.ndarray
    rounds: int


def action_values(problem: Problem, value):
    """Q[z, x, a]: reward now plus the discounted expected value of where the action leads."""
    return problem.reward + np.take(problem.beta * (problem.transition @ value), problem.move, axis=1)


def policy_value(problem: Problem, policy):
    """Value of following a policy for ever, exact: solves v = r_pi + beta P_pi v. [money, (Z, X)]"""
    levels, states = policy.shape
    size = levels * states
    reward = np.take_along_axis(problem.reward, policy[..., None], -1).ravel()
    after = problem.move[np.arange(states), policy]  # (Z, X)
    # I - beta P_pi row by row, which is its transpose column by column: the diagonal, then where the action leads.
    place, entry = (np.empty((levels, states, levels + 1), kind) for kind in (np.int32, float))
    place[..., 0], entry[..., 0] = np.arange(size).reshape(levels, states), 1.0
    place[..., 1:] = np.arange(levels) * states + after[..., None]
    entry[..., 1:] = -problem.beta * problem.transition[:, None]
    start = np.arange(size + 1) * (levels + 1)
    transposed = csc_array((entry.ravel(), place.ravel(), start), shape=(size, size))
    transposed.sum_duplicates()
    return splu(transposed).solve(reward, "T").reshape(levels, states)


def policy_iteration(problem: Problem, warm_up: int = 5) -> Solution:
    """Best policy, exact to rounding: evaluate, improve, until nothing improves (Howard 1960).

    `warm_up` rounds of value iteration choose the first policy. Raises InputError for a bad chain or discount.
    """
    _check(problem)
    value = np.zeros(problem.reward.shape[:2])
    for _ in range(warm_up):
        value = action_values(problem, value).max(-1)
    policy = action_values(problem, value).argmax(-1)
    rounds = 0
    while True:
        rounds += 1
        value = policy_value(problem, policy)
        values = action_values(problem, value)
        better = values >= values.max(-1, keepdims=True) - SETTLED * (1.0 + np.abs(value).max())
        kept = np.take_along_axis(better, policy[..., None], -1)
        if kept.all():
            return Solution(value, better.argmax(-1), rounds)  # of equally good actions the lowest
        policy = values.argmax(-1)


def value_iteration(problem: Problem, tolerance: float = 1e-10) -> Solution:
    """The same by successive approximation: a second, independent solver; value within `tolerance`.

    Stops by the bounds of MacQueen (1966): beta / (1 - beta) times the spread of the last change.
    """
    _check(problem)
    value, rounds = np.zeros(problem.reward.shape[:2]), 0
    while True:
        rounds += 1
        values = action_values(problem, value)
        change = values.max(-1) - value
        low, high = (problem.beta / (1.0 - problem.beta) * end for end in (change.min(), change.max()))
        value = value + change
        if high - low <= tolerance:
            near = values >= values.max(-1, keepdims=True) - tolerance
            return Solution(value + (low + high) / 2.0, near.argmax(-1), rounds)


def _check(problem: Problem):
    rows = np.asarray(problem.transition).sum(-1)
    if np.abs(rows - 1.0).max() > 1e-9 or np.min(problem.transition) < 0.0:
        raise InputError(f"transition rows sum to {rows.tolist()}: give chances in [0, 1] that sum to 1 in each row")
    if not 0.0 <= problem.beta < 1.0:
        raise InputError(f"beta is {problem.beta:g}: give a discount factor in [0, 1)")
    if not np.isfinite(problem.reward.max(-1)).all():
        raise InputError("reward has a state without an allowed action: give each state a finite reward")


class CapacityPlan(NamedTuple):
    """Best orders for ever: one row per (demand level, capacity, units on order by periods to delivery)."""

    states: np.ndarray  # (X, lead) whole units: capacity, then on order, next to arrive first
    value: np.ndarray  # (Z, X) money
    order: np.ndarray  # (Z, X) units
    up_to: np.ndarray  # (Z,) level that capacity and orders are raised to
    rounds: int


def capacity_problem(demand_levels, P, rho, kappa, order_cost, beta, max_capacity, lead=1):
    """The permanent-capacity problem as a `Problem`, with its endogenous states (X, lead).

    Each period earns rho min(D, K) - kappa K - order_cost a; an order a joins capacity `lead` periods later and stays
    for ever; capacity and all on order are at most max_capacity. Demand moves by the chain P.
    """
    if lead < 1 or max_capacity < 1 or lead != int(lead) or max_capacity != int(max_capacity):
        raise InputError(f"lead {lead}, max_capacity {max_capacity}: give whole numbers of at least 1")
    demand = np.asarray(demand_levels, float)
    if np.shape(P) != (len(demand), len(demand)):
        raise InputError(f"P has shape {np.shape(P)}: give one row and column for each of {len(demand)} demand levels")
    within = np.indices((max_capacity + 1,) * lead).sum(0) <= max_capacity
    states, number = np.argwhere(within), np.cumsum(within).reshape(within.shape) - 1
    orders = np.arange(max_capacity + 1)
    allowed = states.sum(-1)[:, None] + orders <= max_capacity
    # What is next to arrive joins capacity, the new order joins the queue.
    line = [*np.broadcast_to(states.T[..., None], (lead, *allowed.shape)), np.where(allowed, orders, 0)]
    move = np.where(allowed, number[(line[0] + line[1], *line[2:])], 0)
    capacity = states[:, 0]
    profit = rho * np.minimum(demand[:, None], capacity) - kappa * capacity
    reward = np.where(allowed, profit[..., None] - order_cost * orders, -np.inf)
    return Problem(reward, np.asarray(P, float), move, beta), states


def capacity_mdp(demand_levels, P, rho, kappa, order_cost, beta, max_capacity, lead=1) -> CapacityPlan:
    """Capacity orders for ever under Markov demand (`capacity_problem`), solved by policy iteration.

    With linear costs the best order raises capacity and orders to a level that depends on demand only (order-up-to,
    Scarf 1960); `up_to` is that level from an empty system.
    """
    problem, states = capacity_problem(demand_levels, P, rho, kappa, order_cost, beta, max_capacity, lead)
    solution = policy_iteration(problem)
    return CapacityPlan(states, solution.value, solution.policy, solution.policy[:, 0], solution.rounds)


class StockPlan(NamedTuple):
    """Levels by period, first period first, and the expected cost from the initial stock."""

    reorder_point: np.ndarray  # (T,) order when the stock is at or below; -inf: never within reach
    order_up_to: np.ndarray  # (T,)
    total_cost: float  # discounted


class _Stock(NamedTuple):
    purchase: float
    fixed: float
    discount: float
    demand: np.ndarray  # (J,) whole units
    chance: np.ndarray  # (J,)


def finite_horizon_stock(
    periods,
    *,
    holding,
    shortage,
    purchase,
    demand_mean,
    demand_sd,
    fixed=0.0,
    discount=1.0,
    terminal_holding=None,
    terminal_shortage=None,
    initial=0,
    reach=8.0,
) -> StockPlan:
    """Stock of whole units with normal demand, backorders and a fixed cost of ordering: exact (s, S) levels.

    Each period: order at `purchase` a unit and `fixed` an order, then meet demand; pay `holding` on what is left and
    `shortage` on what is short, in expectation over the normal. The stock after the last period pays the terminal
    rates (by default the same). It moves by demand rounded to whole units, cut at `reach` standard deviations and
    renormalised: at 8 the cut is below a double's precision. Optimality of (s, S): Scarf (1960). Raises InputError.
    """
    if periods < 1 or demand_sd <= 0.0 or initial != int(initial):
        raise InputError(f"periods {periods}, demand_sd {demand_sd}, initial {initial}: give >= 1, > 0, a whole number")
    if min(holding, shortage, fixed, discount) < 0.0 or discount > 1.0 or holding + shortage <= 0.0:
        raise InputError(
            f"holding {holding}, shortage {shortage}, fixed {fixed}, discount {discount}: give >= 0, discount <= 1"
        )
    low, high = np.floor(demand_mean - reach * demand_sd), np.ceil(demand_mean + reach * demand_sd)
    demand = np.arange(low, high + 1)
    chance = np.diff(ndtr((np.append(demand - 0.5, high + 0.5) - demand_mean) / demand_sd))
    stock = _Stock(purchase, fixed, discount, demand.astype(int), chance / chance.sum())
    last = (
        holding if terminal_holding is None else terminal_holding,
        shortage if terminal_shortage is None else terminal_shortage,
    )
    span, depth = max(int(high), -int(low), 1), 2
    while True:  # the grid grows until the levels lie inside it, or all that can be reached does
        y = np.arange(min(int(initial), 0) - depth * span, max(int(initial), 0) + depth * span + 1)
        costs = expected_mismatch(y, holding, shortage, demand_mean, demand_sd)
        left = last[0] * np.maximum(y, 0) + last[1] * np.maximum(-y, 0)
        reorder, up_to, left = _backward(stock, y, costs, left, periods)
        if depth > periods or (reorder.min() > y[0] and up_to.max() < y[-1] // 2):
            return StockPlan(reorder, up_to, float(left[y == initial][0]))
        depth *= 2


def expected_mismatch(stock, holding, shortage, demand_mean, demand_sd):
    """Expected cost of one period: holding E (y - D)+ + shortage E (D - y)+ for normal demand. [money]"""
    z = (stock - demand_mean) / demand_sd
    over = demand_sd * (z * ndtr(z) + np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi))
    return holding * over + shortage * (over - demand_sd * z)


def _backward(stock, y, costs, left, periods):
    """Levels (T,) twice and the cost-to-go at the start, from the cost-to-go after the last period."""
    levels = []
    for _ in range(periods):
        after = stock.purchase * y + costs + stock.discount * _expected(left, stock)
        best = after.argmin()
        dear = np.flatnonzero(after[: best + 1] >= stock.fixed + after[best])
        never = dear.size == 0 or best == 0
        levels.append((-np.inf if never else y[dear[-1]], y[best] if best else -np.inf))
        # Ordering from any stock: the best level at or above it.
        cheapest = np.minimum.accumulate(after[::-1])[::-1]
        left = np.minimum(after, stock.fixed + cheapest) - stock.purchase * y
    reorder, up_to = np.array(levels[::-1], float).T
    return reorder, up_to, left


def _expected(left, stock):
    """E left(y - D) on the grid; off its ends the cost-to-go goes on in a straight line, as it does below s."""
    before, behind = max(stock.demand[-1], 0), max(-stock.demand[0], 0)
    down = left[0] + (left[0] - left[1]) * np.arange(before, 0, -1)
    up = left[-1] + (left[-1] - left[-2]) * np.arange(1, behind + 1)
    padded = np.concatenate([down, left, up])
    first = before - stock.demand[-1]
    return np.convolve(padded[first:], stock.chance, "valid")[: len(left)]
