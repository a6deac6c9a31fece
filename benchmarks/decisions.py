"""The decision solvers against their peers, one row after another: same cases, same answers, then the clock.

    pip install --require-hashes -r requirements/bench.txt && pip install --no-deps --no-build-isolation -e .
    python benchmarks/decisions.py [newsvendor] [stock] [capacity] [tree]

stockpyl solves the newsvendor and the stock over finitely many periods, QuantEcon the capacity MDP, and HiGHS the
extensive form of a tree of demand, written out plainly here. No row is timed before its sides agree. The sides then
alternate, and the least of several wall times counts, so that other work on the machine does the least harm.
"""

import json
import sys
import time
import warnings
from itertools import product
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from machine import facts
from quantecon.markov import DiscreteDP
from scipy import sparse, special, stats
from scipy.optimize import linprog
from stockpyl.finite_horizon import finite_horizon_dp
from stockpyl.newsvendor import newsvendor_continuous, newsvendor_normal, newsvendor_poisson

from gigawatt.decisions import dynamic, newsvendor
from gigawatt.decisions.distributions import Lognormal, Normal, Poisson
from gigawatt.decisions.extensive import NeverRuin, solve
from gigawatt.decisions.tree import Bet, Contract, Tree

REFERENCE = Path(__file__).parents[1] / "tests" / "reference" / "planning"
CASES = 100_000
SECONDS = 2.0  # of alternation in a row, at least
SAME = 1e-9  # relative difference up to which two answers count as equal
INTEGRATED = 1e-6  # the same where the peer integrates numerically
CUT = 3e-4  # the same for costs of a stock: see stocks
EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}  # as gigawatt asks of HiGHS


def timed(work):
    """Wall and processor seconds of a call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = jax.block_until_ready(work())
    return time.perf_counter() - wall, time.process_time() - cpu, found


def row(title, sides, same=SAME):
    """Print the least seconds per case of the sides {name: (work, cases)}, once their answers agree.

    An answer is a tuple of arrays; sides with fewer cases have the first ones. Raises AssertionError where an answer
    differs from the first side's by more than `same`.
    """
    first = {name: timed(work) for name, (work, _) in sides.items()}
    ours, *_ = (found for *_, found in first.values())
    gaps = {name: difference(found, ours) for name, (*_, found) in first.items()}
    assert max(gaps.values()) <= same, f"{title}: answers differ, {gaps}"
    times = {name: [seconds[:2]] for name, seconds in first.items()}
    begin = time.perf_counter()
    while time.perf_counter() - begin < SECONDS:
        for name, (work, _) in sides.items():
            times[name].append(timed(work)[:2])
    least = {name: np.min(seconds, axis=0) / sides[name][1] for name, seconds in times.items()}
    base, *_ = (wall for wall, _ in least.values())
    print(f"\n{title}")
    for name, (wall, cpu) in least.items():
        print(f"  {name:31} {wall:8.1e} s {wall / base:10.3g}x {cpu:10.1e} s   {gaps[name]:.0e}", flush=True)


def difference(found, ours) -> float:
    """Greatest difference of two answers in the cases that both have, relative to the largest number of the array."""
    columns = ((np.atleast_1d(a), np.atleast_1d(b)) for a, b in zip(found, ours, strict=True))
    return max(float(np.abs(a[: len(b)] - b[: len(a)]).max() / np.abs(b).max()) for a, b in columns)


def stored(name):
    return json.loads((REFERENCE / f"{name}.json").read_text())


# --- newsvendor ------------------------------------------------------------------------------------


def best_and_cost(law):
    """Order and expected cost of newsvendors whose demand follows a law of `gigawatt.decisions.distributions`."""

    def both(*case):
        *parameters, holding, stockout = case
        demand = law(*parameters)
        quantity = newsvendor.order(demand, holding, stockout)
        return quantity, newsvendor.cost(demand, quantity, holding, stockout)

    return both


def scipy_normal(mean, sd, h, p):
    z = special.ndtri(p / (h + p))
    return mean + sd * z, (h + p) * sd * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)


def scipy_lognormal(mu, sigma, h, p):
    z = special.ndtri(p / (h + p))
    over = np.exp(mu + 0.5 * sigma**2) * special.ndtr(z - sigma)  # E[D; D < q]
    mean = np.exp(mu + 0.5 * sigma**2)
    return np.exp(mu + sigma * z), p * mean - (h + p) * over


def scipy_poisson(mean, h, p):
    q = stats.poisson.ppf(p / (h + p), mean)
    over = q * stats.poisson.cdf(q, mean) - mean * stats.poisson.cdf(q - 1, mean)
    return q, h * over + p * (over + mean - q)


def stockpyl_normal(mean, sd, h, p):
    return newsvendor_normal(h, p, mean, sd)


def stockpyl_lognormal(mu, sigma, h, p):
    return newsvendor_continuous(h, p, stats.lognorm(sigma, 0.0, np.exp(mu)))


def stockpyl_poisson(mean, h, p):
    return newsvendor_poisson(h, p, mean)


def newsvendors():
    rng = np.random.default_rng(20260101)
    h, p = rng.uniform(0.1, 2.0, CASES), rng.uniform(0.5, 20.0, CASES)
    mean, spread = rng.uniform(20.0, 200.0, CASES), rng.uniform(0.1, 1.0, CASES)
    laws = (
        (Normal, (mean, 0.4 * mean * spread), scipy_normal, stockpyl_normal, 500),
        (Lognormal, (np.log(mean), spread), scipy_lognormal, stockpyl_lognormal, 30),
        (Poisson, (mean,), scipy_poisson, stockpyl_poisson, 300),
    )
    for law, parameters, by_scipy, by_stockpyl, sample in laws:
        ours, columns = best_and_cost(law), (*parameters, h, p)
        batch, given = jax.jit(ours), [jnp.asarray(column) for column in columns]
        few = list(zip(*(column[:sample].tolist() for column in columns), strict=True))

        def each(solve, few=few):
            return np.transpose([solve(*case) for case in few])

        sides = {
            "gigawatt, one batch": (lambda f=batch, x=given: f(*x), CASES),
            "gigawatt, a call each": (lambda f=ours, each=each: each(f), sample),
            "SciPy's functions, one batch": (lambda f=by_scipy, x=columns: f(*x), CASES),
            "stockpyl, a call each": (lambda f=by_stockpyl, each=each: each(f), sample),
        }
        row(f"newsvendor, {law.__name__}: order and cost", sides, INTEGRATED if law is Lognormal else SAME)


# --- stock over finitely many periods --------------------------------------------------------------


def stocks():
    """Reorder points, order-up-to levels and cost; demand is cut at four standard deviations, as stockpyl does.

    stockpyl does not renormalise what it cuts, which moves cost by up to 3e-4; a level one unit off would be 7e-3.
    """
    for case in stored("real_options_and_finite_horizon")["stockpyl_finite_horizon"]:
        given = case["inputs"]

        def ours(given=given):
            plan = dynamic.finite_horizon_stock(
                given["num_periods"],
                holding=given["holding_cost"],
                shortage=given["stockout_cost"],
                purchase=given["purchase_cost"],
                demand_mean=given["demand_mean"],
                demand_sd=given["demand_sd"],
                fixed=given["fixed_cost"],
                discount=given["discount_factor"],
                terminal_holding=given["terminal_holding_cost"],
                terminal_shortage=given["terminal_stockout_cost"],
                initial=given["initial_inventory_level"],
                reach=4.0,
            )
            return plan.reorder_point, plan.order_up_to, plan.total_cost

        def peer(given=given):
            reorder, up_to, cost, *_ = finite_horizon_dp(**given)
            return reorder[1:], up_to[1:], cost

        title = f"stock over {given['num_periods']} periods, fixed cost {given['fixed_cost']}"
        row(title, {"gigawatt": (ours, 1), "stockpyl": (peer, 1)}, CUT)


# --- capacity for ever -----------------------------------------------------------------------------


def pairs(demand, P, rho, kappa, order_cost, beta, most, lead):
    """The capacity MDP as QuantEcon takes it: reward, transition, discount, state and action of each allowed pair.

    A state is (demand level, capacity, orders under way); the transition is a sparse matrix (pairs, states).
    """
    sizes = (most + 1,) * lead
    within = np.indices(sizes).sum(0) <= most
    number = np.where(within, np.cumsum(within).reshape(sizes) - 1, -1)
    z, *line = np.indices((len(demand), *sizes, most + 1)).reshape(lead + 2, -1)
    z, *line = (column[np.sum(line, axis=0) <= most] for column in (z, *line))
    capacity, action, count = line[0], line[-1], within.sum()
    after = number[(line[0] + line[1], *line[2:])]
    reward = rho * np.minimum(demand[z], capacity) - kappa * capacity - order_cost * action
    column = np.arange(len(demand)) * count + after[:, None]
    start = np.arange(len(z) + 1) * len(demand)
    transition = sparse.csr_matrix((P[z].ravel(), column.ravel(), start), shape=(len(z), len(demand) * count))
    return reward, transition, beta, z * count + number[tuple(line[:-1])], action


def capacities():
    given = stored("dp_and_learning")["capacity_mdp"]["inputs"]
    arrays = [np.array(given[name]) for name in ("demand_levels", "P")]
    numbers = [given[name] for name in ("rho", "kappa_per_period", "order_cost", "beta", "Kmax")]
    for lead in (1, 2):
        terms = (*arrays, *numbers, lead)
        problem, _ = dynamic.capacity_problem(*terms)
        reward, transition, *rest = pairs(*terms)
        name = f"capacity for ever, lead {lead}, {transition.shape[1]} states, {len(reward)} pairs"

        def by_peer(transition, reward=reward, rest=rest):
            solver = DiscreteDP(reward, transition, *rest)
            return lambda: (solver.solve(method="policy_iteration").v,), 1

        sides = {
            "gigawatt": (lambda p=problem: (dynamic.policy_iteration(p).value.ravel(),), 1),
            "QuantEcon, sparse transition": by_peer(transition),
            "QuantEcon, dense transition": by_peer(transition.toarray()),
        }
        row(f"{name}: policy iteration", sides)
        sides = {
            "gigawatt": (lambda x=terms: (np.isfinite(dynamic.capacity_problem(*x)[0].reward).sum(),), 1),
            "pairs, sparse, and DiscreteDP": (lambda x=terms: (DiscreteDP(*pairs(*x)).num_sa_pairs,), 1),
        }
        row(f"{name}: arrays", sides)


# --- tree of demand --------------------------------------------------------------------------------


def complete_tree(growth, first, P, periods):
    """Parent, period, probability and demand of the nodes of a tree of Markov regimes, in order of time."""
    kinds = len(growth)
    start = (kinds ** np.arange(periods + 1) - 1) // (kinds - 1)
    node = np.arange(start[-1])
    parent, regime = (node - 1) // kinds, (node - 1) % kinds
    when, chance, demand = np.zeros(len(node), int), np.ones(len(node)), np.ones(len(node))
    for t in range(1, periods):
        here = slice(start[t], start[t + 1])
        above, now = parent[here], regime[here]
        when[here], demand[here] = t, demand[above] * growth[now]
        chance[here] = chance[above] * (first[now] if t == 1 else P[regime[above], now])
    return parent, when, chance, demand


def extensive_form(chances, p, periods, never_ruin):
    """The bet as a linear programme for SciPy's linprog: orders, then use, then cash, by node; and what is sunk."""
    parent, when, chance, demand = complete_tree(*chances, periods)
    nodes, price, existing = len(parent), p["kappa"][0], np.append(p["K0"], np.zeros(periods))[when]
    node, each = np.arange(nodes), sparse.eye_array(nodes)
    serving, ancestor = sparse.csr_array((nodes, nodes)), node
    for age in range(p["L"] + p["Tc"]):
        there = ancestor >= 0
        if age >= p["L"]:
            entries = (np.ones(there.sum()), (node[there], ancestor[there]))
            serving = serving + sparse.csr_array(entries, shape=(nodes, nodes))
        ancestor = np.where(there, parent[ancestor], -1)
    weight, sunk = chance * p["beta"] ** when, p["kappa0"] * existing
    endless = np.full(nodes, np.inf)
    programme = {
        "c": np.concatenate([price * (serving.T @ weight), -p["rho"] * weight, np.zeros(nodes)]),
        "A_ub": sparse.hstack([-serving, each, 0.0 * each]),
        "b_ub": existing,
        "bounds": np.column_stack([np.zeros(3 * nodes), np.concatenate([endless, demand, endless])]),
    }
    if never_ruin:
        flow = each - sparse.csr_array((np.ones(nodes - 1), (node[1:], parent[1:])), shape=(nodes, nodes))
        programme["A_eq"] = sparse.hstack([price * serving, -p["rho"] * each, flow])
        programme["b_eq"] = np.where(node == 0, p["W0"], 0.0) - sunk
    return programme, weight @ sunk


def highs(programme, sunk):
    """Value of the plan that SciPy's HiGHS finds."""
    found = linprog(**programme, options=EXACT)
    assert found.status == 0, found.message
    return (-found.fun - sunk,)


def by_gigawatt(chances, p, periods, never_ruin):
    """The same bet through the public functions."""
    tree, contract = Tree.from_regimes(*chances, periods), Contract(p["L"], p["Tc"], p["kappa"][0])
    existing = np.append(p["K0"], np.zeros(periods))[:periods]
    bet = Bet(tree, contract, p["rho"], p["W0"], existing, p["kappa0"], p["fixed"], p["beta"])
    return (solve(bet, NeverRuin() if never_ruin else None).value,)


def trees():
    case = next(c for c in stored("capacity_expansion_trees")["instances"] if c["name"] == "growth3_T5_L2_Tc3")
    chances = [np.array(case[name]) for name in ("growth", "P0", "P")]
    for periods, never_ruin in product((6, 8, 10), (False, True)):
        bet = (chances, case["params"], periods, never_ruin)
        written = extensive_form(*bet)
        sides = {
            "gigawatt, tree to plan": (lambda x=bet: by_gigawatt(*x), 1),
            "plain HiGHS, tree to plan": (lambda x=bet: highs(*extensive_form(*x)), 1),
            "plain HiGHS, the solver alone": (lambda x=written: highs(*x), 1),
        }
        row(f"tree of {len(written[0]['b_ub']):,} nodes, {'never ruin' if never_ruin else 'neutral'}", sides)


ROWS = {"newsvendor": newsvendors, "stock": stocks, "capacity": capacities, "tree": trees}

if __name__ == "__main__":
    warnings.simplefilter("ignore")  # stockpyl warns each time it widens its grid
    print(facts())
    print("\nPer case: least wall time, its ratio to the first side's, least processor time, difference of answers")
    for name in sys.argv[1:] or ROWS:
        ROWS[name]()
    print(f"\nafterwards: {facts().splitlines()[1]}")
