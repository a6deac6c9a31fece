"""The exact plan on a tree: stored instances, hand checks, and what must hold on any tree."""

import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from gigawatt.core.errors import InputError
from gigawatt.decisions.extensive import (
    CashCVaR,
    Infeasible,
    NeverRuin,
    Ruin,
    frontier,
    information,
    least_cash,
    root_uniqueness,
    solve,
    worth,
)
from gigawatt.decisions.programme import Programme
from gigawatt.decisions.tree import Bet, Contract, Tree, cash, value

FILE = Path(__file__).parents[1] / "reference" / "planning" / "capacity_expansion_trees.json"
STORED = json.loads(FILE.read_text())
CASES = {case["name"]: case for case in STORED["instances"]}
LIMITS = {
    "risk_neutral": None,
    "never": NeverRuin(),
    "chance_0_1": Ruin(0.1),
    "chance_0_25": Ruin(0.25),
    "cvar_0_2_ge_0": CashCVaR(0.2, 0.0),
}
PAIRS = [(name, limit) for name, case in CASES.items() for limit in LIMITS if limit in case]
SHARES = [(name, row) for name, case in CASES.items() for row in case.get("cvar_frontier_eta_0_05", [])]
PROFILE = STORED["cvar_root_order_profile_growth3_T5_L2_Tc3_W0_2"]


def bet_of(name):
    case = CASES[name]
    p = case["params"]
    if "worlds" in case:
        tree = Tree.from_worlds({world["label"]: (world["prob"], world["demand"]) for world in case["worlds"]})
    else:
        tree = Tree.from_regimes(case["growth"], case["P0"], case["P"], periods=len(p["kappa"]))
    contract = Contract(p["L"], p["Tc"], p["kappa"])
    return Bet(tree, contract, p["rho"], p["W0"], p["K0"], p["kappa0"], p["fixed"], p["beta"])


@pytest.mark.parametrize(("name", "limit"), PAIRS)
def test_stored_value_and_first_order_are_met(name, limit):
    bet, expected = bet_of(name), CASES[name][limit]
    solution = solve(bet, LIMITS[limit])
    assert solution.status == "optimal"
    assert solution.value == pytest.approx(expected["value"], rel=1e-9)
    assert solution.probability_of_ruin == pytest.approx(expected["pr_ever_negative"], abs=1e-12)
    stored = expected["root_uniqueness"]
    step, down, up = root_uniqueness(bet, LIMITS[limit])
    assert step == pytest.approx(stored["step"], rel=1e-9)
    for change, known in ((down, stored["value_change_down"]), (up, stored["value_change_up"])):
        assert (change is None) == (known is None)
        assert change is None or change == pytest.approx(known, abs=1e-8)
    assert all(change is None or change < -1e-5 for change in (down, up))  # unique, so the order can be asserted
    assert solution.root_order == pytest.approx(expected["order_root"], rel=1e-9)


@pytest.mark.parametrize(("name", "row"), SHARES)
def test_stored_cvar_frontier_is_met(name, row):
    solution = solve(bet_of(name), CashCVaR(0.05, row["level"]))
    assert solution.value == pytest.approx(row["value"], rel=1e-9)
    assert solution.root_order == pytest.approx(row["order_root"], rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_stored_value_of_information_and_of_the_stochastic_solution_are_met(name):
    case, found = CASES[name], information(bet_of(name))
    assert found.wait_and_see == pytest.approx(case["wait_and_see"], rel=1e-9)
    assert found.evpi == pytest.approx(case["EVPI"], rel=1e-9)
    assert found.mean_value_root_order == pytest.approx(case["mean_value_root_order"], rel=1e-9)
    assert found.eev == pytest.approx(case["EEV"], rel=1e-9)
    assert found.vss == pytest.approx(case["VSS"], rel=1e-8)  # a small difference of large values
    for (label, chance, worth_there, first), world in zip(
        found.worlds, case.get("wait_and_see_by_world", []), strict=False
    ):
        assert (label, chance) == (world["label"], world["prob"])
        assert worth_there == pytest.approx(world["value"], rel=1e-9)
        assert first == pytest.approx(world["root_order"], rel=1e-9)


def test_over_several_periods_caution_may_order_more():
    bet = bet_of("growth3_T5_L2_Tc3")
    neutral = solve(bet).root_order
    orders = [solve(bet, CashCVaR(PROFILE["eta"], row["floor"])).root_order for row in PROFILE["rows"]]
    assert orders[0] > 2.9 * neutral  # the loosest floor triples the order
    assert orders[-1] < neutral / 2  # the tightest halves it
    assert orders == sorted(orders, reverse=True)


@pytest.mark.parametrize("row", PROFILE["rows"], ids=lambda row: f"floor {row['floor']}")
def test_forcing_the_first_order_away_from_the_cautious_one_costs_what_is_stored(row):
    bet, limit = bet_of("growth3_T5_L2_Tc3"), CashCVaR(PROFILE["eta"], row["floor"])
    best = solve(bet, limit)
    assert best.root_order == pytest.approx(row["root_order"], abs=1e-4)
    for forced, loss in zip(PROFILE["forced_root_orders"], row["value_loss_if_forced"], strict=True):
        if loss is None:
            with pytest.raises(Infeasible):
                solve(bet, limit, root_order=forced)
        else:
            assert solve(bet, limit, root_order=forced).value - best.value == pytest.approx(loss, abs=6e-6)


def test_early_capacity_may_pay_for_later_growth():
    # design notes 2.4: L=1, Tc=3; here never going bankrupt orders more than the neutral planner
    bet = bet_of("growth3_T5_L1_Tc1")
    bet = replace(bet, contracts=(Contract(1, 3),))
    assert solve(bet).value == pytest.approx(126.573202, abs=5e-7)
    assert solve(bet).root_order == pytest.approx(1.0, rel=1e-9)
    cautious = solve(bet, NeverRuin())
    assert cautious.value == pytest.approx(113.374537, abs=5e-7)
    assert cautious.root_order == pytest.approx(1.33493, abs=5e-6)


def test_the_never_ruin_order_leaves_the_late_world_with_nothing():
    # cash in 'late' after two years: 3 + 2 - 2 + 30 - x >= 0, so x <= 33
    bet = bet_of("three_worlds_L2_Tc2_rho3")
    plan = solve(bet, NeverRuin())
    late = [node for node, label in enumerate(bet.tree.label) if label == "late"]
    assert plan.root_order == pytest.approx(33.0, rel=1e-12)
    np.testing.assert_allclose(plan.cash[late[:2]], [3.0, 0.0], atol=1e-10)


@pytest.mark.parametrize("case", STORED["air_conditioning"]["cases"], ids=lambda case: f"p {case['p_demand_300']}")
def test_the_air_conditioner_problem_has_its_published_value(case):
    # made <= 200 at 100, overtime at 300, storage at 50; demand 100, then 100 or 300 in each of two periods
    chance = {100: 1 - case["p_demand_300"], 300: case["p_demand_300"]}
    second = list(chance.items())
    third = [(i, size, p * q) for i, (_, p) in enumerate(second) for size, q in second]
    parent = [-1, 0, 0] + [1 + i for i, _, _ in third]
    demand = np.array([100.0] + [size for size, _ in second] + [size for _, size, _ in third])
    weight = np.array([1.0] + [p for _, p in second] + [p for _, _, p in third])
    programme = Programme()
    made = programme.variables(7, cost=100 * weight, upper=200)
    overtime = programme.variables(7, cost=300 * weight)
    stored = programme.variables(7, cost=50 * weight)
    each = sparse.eye_array(7)
    carried = sparse.coo_array((np.ones(6), (np.arange(1, 7), parent[1:])), shape=(7, 7))
    programme.require([(made, each), (overtime, each), (stored, carried - each)], demand, equal=True)
    answer = programme.solve()
    assert answer.cost == pytest.approx(case["published"], rel=1e-12)
    first = [answer.x[place][0] for place in (made, overtime, stored)]
    np.testing.assert_allclose(first, list(case["first_stage"].values()), atol=1e-9)


def test_one_year_contracts_make_every_node_a_newsvendor():
    growth, step = np.array([0.6, 2.0, 5.0]), np.array([[0.5, 0.35, 0.15], [0.2, 0.5, 0.3], [0.15, 0.4, 0.45]])
    tree = Tree.from_regimes(growth, [0.2, 0.5, 0.3], step, periods=8)
    solution = solve(Bet(tree, Contract(1, 1, 1.0), margin=2.3, discount=0.9))
    inner = np.flatnonzero(~tree.is_leaf)
    chance = np.vstack([step, [0.2, 0.5, 0.3]])[tree.regime[inner]]
    sizes = growth * tree.demand[inner, None]
    orders = sizes[np.arange(len(inner)), (chance.cumsum(axis=1) < (2.3 - 1.0) / 2.3).sum(axis=1)]
    profit = (chance * (2.3 * np.minimum(sizes, orders[:, None]) - orders[:, None])).sum(axis=1)
    assert solution.value == pytest.approx(tree.probability[inner] * 0.9 ** (tree.time[inner] + 1) @ profit, rel=1e-12)
    np.testing.assert_allclose(solution.orders[0, inner], orders, rtol=1e-9)


def test_the_price_of_the_year_of_signing_decides_who_waits():
    demand = Tree.from_worlds({"only": (1.0, [0, 10, 10])})
    now = solve(Bet(demand, Contract(1, 2, [1.0, 0.2, 0.2]), margin=2.0))
    wait = solve(Bet(demand, Contract(1, 2, [1.5, 0.2, 0.2]), margin=2.0))
    assert (now.value, now.root_order) == pytest.approx((20.0, 10.0))  # (2-1) 10 twice beats (2-0.2) 10 once
    assert (wait.value, wait.root_order) == pytest.approx((18.0, 0.0))


def test_long_contracts_carry_the_sure_demand_and_spot_the_rest():
    demand = Tree.from_worlds({"high": (0.5, [0, 3]), "low": (0.5, [0, 1])})
    long, spot = Contract(1, 1, 1.0, name="long"), Contract(0, 1, 1.5, name="spot")
    plan = solve(Bet(demand, [long, spot], margin=2.3))
    assert plan.value == pytest.approx(0.5 * (2.3 - 1) + 0.5 * (3 * 2.3 - 1 - 2 * 1.5))
    np.testing.assert_allclose(plan.orders, [[1, 0, 0], [0, 2, 0]], atol=1e-9)


def test_free_cancellation_makes_a_long_contract_a_yearly_one():
    bet = replace(bet_of("growth3_T5_L1_Tc5"), contracts=(Contract(1, 5, cancellation=0.0),))
    for limit, case in ((None, "risk_neutral"), (NeverRuin(), "never")):
        assert solve(bet, limit).value == pytest.approx(CASES["growth3_T5_L1_Tc1"][case]["value"], rel=1e-9)


def test_a_cancellation_clause_at_full_price_is_worth_nothing():
    bet = bet_of("growth3_T5_L2_Tc3")
    assert worth(bet, fee=1.0).cancellation == pytest.approx(0.0, abs=1e-9)
    fees = [worth(bet, fee=fee).cancellation for fee in (0.0, 0.25, 0.5)]
    assert fees[0] > fees[1] > fees[2] > 0


def test_a_free_option_is_a_contract_without_lead_time():
    tree = Tree.from_regimes([0.5, 3.0], [0.5, 0.5], [[0.6, 0.4], [0.3, 0.7]], periods=5)
    bet = Bet(tree, Contract(2, 1, option_fee=0.0), 2.0, existing=[1, 3, 0, 0, 0], existing_price=1.0, discount=0.9)
    assert solve(bet).value == pytest.approx(solve(replace(bet, contracts=Contract(0, 1))).value, rel=1e-12)
    dear = solve(replace(bet, contracts=Contract(2, 1, option_fee=0.3))).value
    assert solve(replace(bet, contracts=Contract(2, 1))).value < dear < solve(bet).value


def test_prepayment_costs_only_time_and_cash():
    bet = bet_of("growth3_T5_L2_Tc3")
    early = replace(bet, contracts=(Contract(2, 3, prepayment=0.4),))
    undiscounted = [solve(replace(each, discount=1.0)).value for each in (bet, early)]
    assert undiscounted[0] == pytest.approx(undiscounted[1], rel=1e-9)
    assert solve(early).value < solve(bet).value
    assert solve(early, NeverRuin()).value < solve(bet, NeverRuin()).value


def test_a_longer_contract_can_be_worth_more_where_it_ends_with_demand():
    # three years of demand: two contracts of two years overshoot by one
    tree = Tree.from_worlds({"only": (1.0, [1, 1, 1, 0])})
    values = [solve(Bet(tree, Contract(0, term), margin=1.5)).value for term in (1, 2, 3)]
    assert values == pytest.approx([1.5, 1.0, 1.5])


def test_the_frontier_prices_caution():
    bet = bet_of("three_worlds_L2_Tc2_rho3")
    points = frontier(bet, [0.0, 0.1, 0.2, 0.6, 1.0])
    values = [plan.value for plan in points.values()]
    assert values == sorted(values)
    assert [plan.root_order for plan in points.values()] == pytest.approx([33, 33, 90, 100, 100])
    assert all(plan.probability_of_ruin <= limit + 1e-9 for limit, plan in points.items())
    assert 1 - values[0] / values[-1] == pytest.approx(0.0147, abs=5e-5)  # caution costs 1.5 per cent
    assert frontier(replace(bet, cash=-20.0), [0.0, 1.0])[0.0] is None


def test_worth_compares_with_the_bet_solved_again():
    bet = bet_of("three_worlds_L2_Tc2_rho3")
    base, gains = solve(bet, NeverRuin()).value, worth(bet, NeverRuin())
    assert gains.lead == pytest.approx(solve(replace(bet, contracts=Contract(1, 2)), NeverRuin()).value - base)
    assert gains.term == pytest.approx(solve(replace(bet, contracts=Contract(2, 1)), NeverRuin()).value - base)
    assert gains.cash == pytest.approx(0.81 * (0.4 * 3 - 1))  # one more unit ordered, sold in 'x10', idle elsewhere
    better = solve(replace(bet, margin=3.03), NeverRuin()).value
    assert gains.margin == pytest.approx(better - base)
    assert gains.cancellation > 0


def test_a_chance_of_ruin_that_is_allowed_in_full_costs_nothing():
    tree = Tree.from_worlds({"boom": (0.5, [0, 10, 10]), "bust": (0.5, [0, 0, 0])})
    bet = Bet(tree, Contract(1, 2), margin=4.0)
    plan = solve(bet, Ruin(0.5))  # in 'bust' ten units stay idle for two years: the worst that can happen
    assert plan.value == pytest.approx(solve(bet).value) == pytest.approx(20.0)
    assert plan.cash.min() == pytest.approx(-20.0)
    assert solve(bet, Ruin(0.49)).value == pytest.approx(15.0)  # waiting for news forgoes a year: half of 3 x 10


def test_on_a_tree_of_many_nodes_the_search_ends_with_a_proof():
    bet = bet_of("growth3_T5_L1_Tc1")
    plan = solve(bet, Ruin(0.05))
    assert plan.status == "optimal" and 0.04 < plan.probability_of_ruin <= 0.05
    assert solve(bet, NeverRuin()).value < plan.value < solve(bet).value
    early = solve(bet, Ruin(0.05), gap=0.05)
    assert early.gap <= 0.06 and early.value <= plan.value + 1e-9


def test_ruin_by_a_hair_is_ruin():
    # a deficit of a millionth of the worst cash is within what the search takes for a whole number
    bet = replace(bet_of("growth3_T5_L2_Tc3"), cash=-1e-5, fixed=[1.3, 0, 0, 0, 0, 0])
    with pytest.raises(Infeasible) as caught:
        solve(bet, Ruin(0.25), gap=0.5)
    assert caught.value.cash == pytest.approx(0.0, abs=1e-8)


def test_a_first_order_above_all_demand_only_adds_its_bill():
    bet = bet_of("three_worlds_L2_Tc2_rho3")
    for limit in (None, Ruin(1.0)):
        values = [solve(bet, limit, root_order=x).value for x in (1000.0, 1100.0)]
        assert values[1] - values[0] == pytest.approx(-100 * (0.9**2 + 0.9**3))


@dataclass(frozen=True)
class Spared:
    """Cash must hold at the nodes listed: one guess of who is ruined."""

    nodes: tuple

    def bind(self, programme, tree, wealth, worst):
        pick = sparse.csr_array(-np.eye(len(worst))[list(self.nodes)])
        programme.require([(wealth, pick)], 0.0)


def enumerated(bet, probability):
    """The chance-constrained value by trying every set of ruined worlds."""
    tree, best = bet.tree, -np.inf
    paths = {leaf: set(tree.path(leaf).tolist()) for leaf in tree.leaves}
    for count in range(len(paths) + 1):
        for lost in itertools.combinations(paths, count):
            if tree.probability[list(lost)].sum() <= probability + 1e-12:
                spared = set().union(*(paths[leaf] for leaf in paths if leaf not in lost))
                try:
                    best = max(best, solve(bet, Spared(tuple(sorted(spared)))).value)
                except Infeasible:
                    pass
    return best


@st.composite
def small_bets(draw):
    worlds = draw(st.integers(2, 4))
    parts = draw(st.lists(st.integers(1, 5), min_size=worlds, max_size=worlds))
    paths = draw(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=worlds, max_size=worlds))
    tree = Tree.from_worlds(
        {str(i): (n / sum(parts), [1, *path]) for i, (n, path) in enumerate(zip(parts, paths, strict=True))}
    )
    contract = Contract(draw(st.integers(0, 2)), draw(st.integers(1, 3)), 1.0)
    return Bet(
        tree,
        contract,
        margin=draw(st.sampled_from([1.2, 2.3, 4.0])),
        cash=draw(st.integers(0, 4)),
        existing=[draw(st.integers(0, 2)), 0, 0, 0],
        existing_price=0.5,
        discount=0.9,
    )


ANY = settings(max_examples=25, deadline=None)


@ANY
@given(small_bets(), st.sampled_from([0.1, 0.25, 0.5]))
def test_the_search_finds_the_best_set_of_ruined_worlds(bet, probability):
    plan = solve(bet, Ruin(probability))
    assert plan.status == "optimal" and plan.probability_of_ruin <= probability + 1e-9
    assert plan.value == pytest.approx(enumerated(bet, probability), rel=1e-9, abs=1e-9)


@ANY
@given(small_bets(), st.sampled_from([None, NeverRuin(), CashCVaR(0.3, 0.0), Ruin(0.25)]))
def test_knowing_more_and_planning_for_all_worlds_never_hurt(bet, limit):
    found = information(bet, limit)
    assert found.evpi >= -1e-9 and found.vss >= -1e-9


@ANY
@given(small_bets(), st.sampled_from([None, NeverRuin()]))
def test_a_longer_lead_time_never_raises_value(bet, limit):
    (contract,) = bet.contracts
    later = replace(bet, contracts=replace(contract, lead=contract.lead + 1))
    assert solve(later, limit).value <= solve(bet, limit).value + 1e-9


@ANY
@given(small_bets(), st.sampled_from([None, NeverRuin()]))
def test_a_contract_of_many_terms_never_beats_renewing_the_short_one(bet, limit):
    (contract,) = bet.contracts
    for times in (2, 3):
        longer = replace(bet, contracts=replace(contract, term=times * contract.term))
        assert solve(longer, limit).value <= solve(bet, limit).value + 1e-9


@ANY
@given(st.lists(st.integers(0, 9), min_size=5, max_size=5), st.integers(0, 2))
def test_contract_length_does_not_matter_on_a_path_that_never_falls(demand, lead):
    tree = Tree.from_worlds({"up": (1.0, sorted(demand))})
    values = [solve(Bet(tree, Contract(lead, term), 2.3, discount=0.9)).value for term in (1, 2, 5)]
    assert values == pytest.approx([values[0]] * 3, abs=1e-9)


@ANY
@given(small_bets(), st.sampled_from([1e-6, 0.37, 1e9]), st.sampled_from([None, NeverRuin(), Ruin(0.25)]))
def test_value_and_order_grow_in_proportion_to_demand_capacity_and_cash(bet, factor, limit):
    tree = replace(bet.tree, demand=factor * bet.tree.demand)
    large = replace(bet, tree=tree, cash=factor * bet.cash, existing=factor * bet.existing)
    small, plan = solve(bet, limit), solve(large, limit)
    assert plan.value == pytest.approx(factor * small.value, rel=1e-8, abs=1e-9 * factor)
    assert plan.probability_of_ruin <= (limit.probability if isinstance(limit, Ruin) else 1.0) + 1e-9


@pytest.mark.parametrize("limit", [NeverRuin(), Ruin(0.25), CashCVaR(0.2, 500.0)])
def test_an_impossible_limit_names_the_cash_that_makes_it_possible(limit):
    bet = replace(bet_of("three_worlds_L2_Tc2_rho3"), cash=-100.0, fixed=1.0)
    with pytest.raises(InputError, match="start with at least") as caught:
        solve(bet, limit)
    assert "\n" not in str(caught.value)
    enough = caught.value.cash
    assert solve(replace(bet, cash=enough + 1e-8), limit).value < solve(bet).value
    with pytest.raises(Infeasible):
        solve(replace(bet, cash=enough - 1e-3), limit)
    assert least_cash(replace(bet, cash=enough + 5), limit) == enough + 5


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda bet: solve(bet, Ruin(1.5)), "ruin probability 1.5"),
        (lambda bet: solve(bet, CashCVaR(0.0, 1.0)), "share 0"),
        (lambda bet: solve(bet, CashCVaR(0.1, np.inf)), "floor inf"),
        (lambda bet: solve(bet, root_order=-1.0), "root_order -1"),
        (lambda bet: solve(bet, root_order=[1.0, 2.0]), "root_order"),
    ],
)
def test_bad_questions_are_told_in_one_line(ask, says):
    with pytest.raises(InputError, match=says) as caught:
        ask(bet_of("three_worlds_L1_Tc3_rho3"))
    assert "\n" not in str(caught.value)


def test_an_unbounded_programme_is_told_so():
    programme = Programme()
    programme.variables(1, cost=-1.0)
    programme.variables(1, upper=1.0)
    with pytest.raises(InputError, match="unbounded"):
        programme.solve()


def test_a_plan_is_what_its_orders_earn():
    bet = bet_of("growth3_T5_L2_Tc3")
    plan = solve(bet, NeverRuin())
    assert plan.value == value(bet, plan.orders)
    assert np.array_equal(plan.cash, cash(bet, plan.orders))
    assert plan.cash.min() >= -1e-9
