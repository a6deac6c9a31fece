"""Two dynamic programmes audit the trees: cuts with exact expiry, and a grid in ratios to demand with ruin for good."""

import json
from pathlib import Path

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.decisions import tree as trees
from gigawatt.decisions.cuts import solve_by_cuts
from gigawatt.decisions.extensive import NeverRuin, solve
from gigawatt.decisions.lattice import belief_lattice, lump, regime_lattice
from gigawatt.decisions.ratios import follow, policy_map, ruin_frontier, solve_in_ratios
from gigawatt.decisions.tree import Bet, Contract, Tree

REFERENCE = Path(__file__).parents[1] / "reference" / "planning" / "capacity_expansion_trees.json"
INSTANCES = json.loads(REFERENCE.read_text())["instances"]
GROWTH, FIRST = [0.6, 2.0, 5.0], [0.2, 0.5, 0.3]
CHAIN = [[0.5, 0.35, 0.15], [0.2, 0.5, 0.3], [0.15, 0.4, 0.45]]
TRADE = {"margin": 2.3, "price": 1.0, "discount": 0.9}


def bet_of(instance):
    given = instance["params"]
    if "worlds" in instance:
        tree = Tree.from_worlds({w["label"]: (w["prob"], w["demand"]) for w in instance["worlds"]})
    else:
        tree = Tree.from_regimes(instance["growth"], instance["P0"], instance["P"], len(given["K0"]))
    contract = Contract(given["L"], given["Tc"], given["kappa"])
    return Bet(tree, contract, given["rho"], given["W0"], given["K0"], given["kappa0"], given["fixed"], given["beta"])


def growth_bet(lead, term, cash=2.0, periods=5, begun=1.0):
    """The growth tree whose first contracts run out at the rate 1 / term, as the grid has it."""
    existing = np.array([1.0] + [begun * (1 - 1 / term) ** t for t in range(periods - 1)])
    tree = Tree.from_regimes(GROWTH, FIRST, CHAIN, periods)
    return Bet(tree, Contract(lead, term), 2.3, cash, existing, 1.0, 0.0, 0.9)


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda i: i["name"])
@pytest.mark.parametrize("limit", ["risk_neutral", "never"])
def test_dynamic_programming_with_cuts_meets_every_stored_tree(instance, limit):
    found, stored = solve_by_cuts(bet_of(instance), never_ruin=limit == "never"), instance[limit]
    print(f"{instance['name']} {limit}: gap to the linear programme {found.lower / stored['value'] - 1:.1e}")
    assert found.upper == pytest.approx(stored["value"], rel=1e-7)
    assert found.lower == pytest.approx(stored["value"], rel=1e-7)
    assert found.orders[0] == pytest.approx(stored["order_root"], rel=1e-4)


def test_the_tree_with_three_year_contracts_and_one_year_of_lead():
    bet = Bet(Tree.from_regimes(GROWTH, FIRST, CHAIN, 6), Contract(1, 3), 2.3, 2.0, [1, 1, 1, 0, 0, 0], 1.0, 0.0, 0.9)
    neutral, never = solve_by_cuts(bet), solve_by_cuts(bet, never_ruin=True)
    # compute-bet.md 2.4: over several periods caution may order more, since early capacity earns the cash for later.
    assert neutral.lower == pytest.approx(126.573202, rel=1e-8) and neutral.orders[0] == pytest.approx(1.0)
    assert never.lower == pytest.approx(113.374537, rel=1e-8) and never.orders[0] == pytest.approx(1.33493, rel=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_cuts_and_linear_programme_agree_on_trees_nobody_chose(seed):
    rng = np.random.default_rng(seed)
    kinds, periods = rng.integers(2, 4), rng.integers(3, 6)
    chain = rng.dirichlet(np.ones(kinds), kinds + 1)
    tree = Tree.from_regimes(rng.lognormal(0.5, 0.7, kinds), chain[0], chain[1:], periods)
    if seed % 2:  # worlds with years without demand
        paths = rng.lognormal(0, 1, (4, periods)) * rng.integers(0, 2, (4, periods))
        paths[:, 0] = 0.5
        chances = rng.dirichlet(np.ones(4))
        tree = Tree.from_worlds({str(w): (chances[w], paths[w]) for w in range(4)})
    prices = rng.uniform(0.7, 1.3, periods)
    contract = Contract(int(rng.integers(0, 4)), int(rng.integers(1, 5)), prices, prepayment=0.3 * (seed % 3))
    bet = Bet(tree, contract, rng.uniform(1.5, 3, periods), 3.0, rng.uniform(0, 1, periods), 0.8, 0.05, 0.9)
    for never in (False, True):
        exact = solve(bet, NeverRuin() if never else None).value
        assert solve_by_cuts(bet, never).lower == pytest.approx(exact, rel=1e-7)


def test_ruin_that_cannot_be_avoided_is_said():
    bet = Bet(growth_bet(2, 1).tree, Contract(2, 1), 2.3, 0.1, [1, 3, 3, 0, 0], 1.0, 0.0, 0.9)
    with pytest.raises(InputError, match="more cash"):
        solve_by_cuts(bet, never_ruin=True)


def test_a_markov_tree_shrinks_to_its_regimes():
    lattice, number, _ = lump(Tree.from_regimes(GROWTH, FIRST, CHAIN, 6))
    assert [len(chance) for chance in lattice.chance] == [1, 3, 3, 3, 3]
    assert number.max() == 2
    direct = regime_lattice(GROWTH, FIRST, CHAIN, 6)
    for period in range(5):
        ours, theirs = (np.sort((part.chance[period] * part.growth[period]).sum(-1)) for part in (lattice, direct))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("lead, begun", [(1, 0.8), (2, 2.0)])
@pytest.mark.parametrize("ruin", [None, -np.inf])
def test_grid_in_ratios_agrees_with_cuts_where_expiry_is_exact(lead, begun, ruin):
    bet = growth_bet(lead, 1, begun=begun)
    exact = solve_by_cuts(bet, never_ruin=ruin is not None)
    solution = solve_in_ratios(regime_lattice(GROWTH, FIRST, CHAIN, 5), lead=lead, term=1, ruin=ruin, **TRADE)
    order, value = solution.best(begun, 2.0 + 1.3)  # cash after today's flow of 2.3 - 1
    assert 1.3 + float(value) == pytest.approx(exact.upper, rel=1e-3)
    assert float(order) == pytest.approx(exact.orders[0], rel=2e-2)


def test_expiry_at_a_rate_is_not_exact_expiry():
    bet, lattice = growth_bet(1, 3), regime_lattice(GROWTH, FIRST, CHAIN, 5)
    gaps = []
    for ruin in (None, -np.inf):
        exact = solve_by_cuts(bet, never_ruin=ruin is not None).upper
        _, value = solve_in_ratios(lattice, lead=1, term=3, ruin=ruin, **TRADE).best(1.0, 3.3)
        gaps.append((1.3 + float(value)) / exact - 1)
    print(f"expiry at rate 1/3 over exact: neutral {gaps[0]:+.2%}, never ruin {gaps[1]:+.2%}")
    assert 0.001 < gaps[0] < 0.03 and gaps[0] < gaps[1] < 0.1


def test_policy_map_orders_more_with_cash_and_less_with_capacity():
    lattice = regime_lattice(GROWTH, FIRST, CHAIN, 5)
    free = solve_in_ratios(lattice, lead=1, term=3, **TRADE)
    bound = solve_in_ratios(lattice, lead=1, term=3, ruin=-np.inf, **TRADE)
    capacity, cash = np.linspace(0, 6, 7), np.array([0.0, 1.0, 4.0, 200.0])
    ours, neutral = (np.asarray(policy_map(s, capacity, cash, period=1, kind=1)) for s in (bound, free))
    assert ours.shape == (7, 4)
    assert (np.diff(neutral, axis=0) <= 1e-3).all() and np.ptp(neutral, axis=1).max() == 0.0
    np.testing.assert_allclose(ours[:, -1], neutral[:, -1], atol=5e-3)  # the rich need no caution
    assert np.isnan(ours[-1, 0]) and not np.isnan(ours[0]).any()  # too much contracted, no cash: ruin may come
    assert ours[0, 0] < ours[0, 1] < neutral[0, 0]


def test_order_up_to_is_a_ratio_of_demand():
    solution = solve_in_ratios(regime_lattice(GROWTH, FIRST, CHAIN, 5), lead=1, term=3, **TRADE)
    order = np.asarray(policy_map(solution, [0.0, 0.5, 1.0, 1.5], [0.0], period=1, kind=2))[:, 0]
    np.testing.assert_allclose(order + [0.0, 0.5, 1.0, 1.5], order[0], atol=1e-3)


@pytest.mark.slow
def test_dearer_ruin_is_rarer_and_costs_value():
    bet = growth_bet(1, 1, periods=4)
    frontier = ruin_frontier(bet, [0.0, 2.0, 1000.0])
    neutral, never = (solve_by_cuts(bet, limit).upper for limit in (False, True))
    assert frontier.value[0] == pytest.approx(neutral, rel=1e-3)
    assert frontier.value[-1] == pytest.approx(never, rel=1e-3)
    assert frontier.ruin[0] > frontier.ruin[1] > frontier.ruin[2] == 0.0
    assert frontier.value[0] > frontier.value[1] > frontier.value[2]


def test_in_a_shrinking_market_walking_away_from_the_bills_pays_and_a_charge_on_ruin_takes_it_back():
    bust = [0.98, 0.01, 0.01]
    lattice = regime_lattice(GROWTH, bust, [bust] * 3, 4)
    pays_on, walks_away, charged, dearly = (
        float(solve_in_ratios(lattice, lead=1, term=3, ruin=ruin, goes_on=on, **TRADE).best(4.0, 0.5)[1])
        for ruin, on in ((0.0, True), (0.0, False), (-1.0, False), (-5.0, False))
    )
    assert walks_away > pays_on
    assert walks_away > charged > dearly


def test_policy_followed_on_the_tree_is_a_feasible_plan():
    bet = growth_bet(1, 1, cash=1.0)
    lattice, number, _ = lump(bet.tree)
    orders = follow(solve_in_ratios(lattice, lead=1, term=1, ruin=-np.inf, **TRADE), bet, number)
    assert not trees.ruined(bet, orders).any()
    assert trees.value(bet, orders) == pytest.approx(solve_by_cuts(bet, True).upper, rel=2e-3)


@pytest.mark.slow
def test_seeing_the_regime_is_worth_more_than_learning_it_and_that_more_than_ignoring_it():
    likelihood = np.array([[0.1, 0.3, 0.6], [0.6, 0.3, 0.1]])
    mean = 0.5 * likelihood.sum(0)

    def value(lattice):
        return float(solve_in_ratios(lattice, lead=1, term=1, **TRADE).best(0.0, 0.0)[1])

    told = np.mean([value(belief_lattice(prior, GROWTH, likelihood, 5)) for prior in (0.0, 1.0)])
    learning = value(belief_lattice(0.5, GROWTH, likelihood, 5))
    # Exact beliefs need no grid when the tree of what may be seen is small.
    exact = solve_by_cuts(_seen_tree(likelihood, 5)).upper
    assert learning == pytest.approx(exact, rel=2e-3)
    same = value(belief_lattice(0.5, GROWTH, np.stack([mean, mean]), 5))
    assert told > learning > same


def _seen_tree(likelihood, periods):
    """Every path of growth that may be seen, with its chance when the regime is hidden and lasts."""
    parent, demand, given = [-1], [1.0], [np.array([0.5, 0.5])]
    first = 0
    for _ in range(periods - 1):
        last = len(parent)
        for node in range(first, last):
            for seen, growth in enumerate(GROWTH):
                parent.append(node)
                demand.append(demand[node] * growth)
                given.append(given[node] * likelihood[:, seen])
        first = last
    tree = Tree(parent, [chance.sum() for chance in given], demand)
    return Bet(tree, Contract(1, 1), 2.3, 0.0, 0.0, 0.0, 0.0, 0.9)


@pytest.mark.parametrize(
    "change, words",
    [({"lead": 3}, "lead"), ({"margin": 0.5}, "margin"), ({"ruin": 1.0}, "ruin"), ({"term": 0.5}, "term")],
)
def test_bad_input_is_named(change, words):
    with pytest.raises(InputError, match=words):
        solve_in_ratios(regime_lattice(GROWTH, FIRST, CHAIN, 3), **{"lead": 1, "term": 1, **TRADE, **change})


def test_what_the_programmes_do_not_know_is_refused():
    several = Bet(growth_bet(1, 1).tree, (Contract(1, 1), Contract(2, 2)), 2.3)
    for solver in (solve_by_cuts, lambda bet: ruin_frontier(bet, [1.0])):
        with pytest.raises(InputError, match="linear programme"):
            solver(several)
