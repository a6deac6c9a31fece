"""Dynamic programmes: capacity for ever and a stock over ten periods, against stored answers and a second solver."""

import json
from pathlib import Path

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.decisions import dynamic

REFERENCE = Path(__file__).parents[1] / "reference" / "planning"
GIVEN = json.loads((REFERENCE / "dp_and_learning.json").read_text())["capacity_mdp"]["inputs"]
STOCK = json.loads((REFERENCE / "real_options_and_finite_horizon.json").read_text())
CAPACITY = {
    "demand_levels": GIVEN["demand_levels"],
    "P": np.array(GIVEN["P"]),
    "rho": GIVEN["rho"],
    "kappa": GIVEN["kappa_per_period"],
    "order_cost": GIVEN["order_cost"],
    "beta": GIVEN["beta"],
    "max_capacity": GIVEN["Kmax"],
}


@pytest.fixture(params=[1, 2])
def lead(request):
    return request.param


def test_capacity_for_ever_meets_the_stored_values_and_policy(lead):
    stored = np.genfromtxt(REFERENCE / f"capacity_mdp_L{lead}.csv", delimiter=",", names=True)
    plan = dynamic.capacity_mdp(**CAPACITY, lead=lead)
    np.testing.assert_allclose(plan.value.ravel(), stored["value"], rtol=1e-9)
    np.testing.assert_array_equal(plan.order.ravel(), stored["optimal_order"])
    np.testing.assert_array_equal(np.tile(plan.states[:, 0], 5), stored["capacity"])


def test_linear_costs_make_the_best_policy_order_up_to_a_level(lead):
    plan = dynamic.capacity_mdp(**CAPACITY, lead=lead)
    position = plan.states.sum(-1)
    np.testing.assert_array_equal(plan.order, np.maximum(plan.up_to[:, None] - position, 0))


def test_two_solvers_agree(lead):
    problem, _ = dynamic.capacity_problem(**CAPACITY, lead=lead)
    by_policy, by_value = dynamic.policy_iteration(problem), dynamic.value_iteration(problem)
    np.testing.assert_allclose(by_policy.value, by_value.value, atol=1e-9)
    np.testing.assert_array_equal(by_policy.policy, by_value.policy)
    bellman = dynamic.action_values(problem, by_policy.value).max(-1)
    np.testing.assert_allclose(bellman, by_policy.value, rtol=1e-12)


def test_a_longer_lead_never_raises_value():
    values = [dynamic.capacity_mdp(**{**CAPACITY, "max_capacity": 8}, lead=lead).value[:, 0] for lead in (1, 2, 3)]
    assert (values[0] > values[1]).all() and (values[1] > values[2]).all()


def test_certain_demand_is_met_when_a_unit_pays_for_itself():
    plan = dynamic.capacity_mdp([3.0], np.ones((1, 1)), 2.0, 1.0, 0.5, 0.9, 6)
    # A unit costs 0.5 and earns 1 a period from the next one on: 0.9 / 0.1 = 9 each.
    assert plan.up_to[0] == 3
    assert plan.value[0, 0] == pytest.approx(3 * (9.0 - 0.5), rel=1e-12)
    dear = dynamic.capacity_mdp([3.0], np.ones((1, 1)), 2.0, 1.0, 9.5, 0.9, 6)
    assert dear.up_to[0] == 0 and dear.value[0, 0] == 0.0


def stock(row, **changes):
    given = row["inputs"]
    terms = {
        "holding": given["holding_cost"],
        "shortage": given["stockout_cost"],
        "purchase": given["purchase_cost"],
        "fixed": given["fixed_cost"],
        "discount": given["discount_factor"],
        "terminal_holding": given["terminal_holding_cost"],
        "terminal_shortage": given["terminal_stockout_cost"],
        "demand_mean": given["demand_mean"],
        "demand_sd": given["demand_sd"],
        "initial": given["initial_inventory_level"],
    }
    return dynamic.finite_horizon_stock(given["num_periods"], **{**terms, **changes})


@pytest.mark.parametrize("row, own", list(zip(STOCK["stockpyl_finite_horizon"], ["T5_fixed50", "T10"], strict=True)))
def test_stock_levels_and_cost_over_a_finite_horizon(row, own):
    plan = stock(row, reach=4.0)  # the stored run cuts demand there
    np.testing.assert_array_equal(plan.order_up_to, row["order_up_to"][1:])
    np.testing.assert_array_equal(plan.reorder_point, row["reorder_points"][1:])
    np.testing.assert_array_equal(plan.order_up_to, STOCK["independent_numpy_dp"][own]["order_up_to"])
    assert plan.total_cost == pytest.approx(STOCK["independent_numpy_dp"][own]["total_cost"], rel=1e-12)
    assert plan.total_cost == pytest.approx(row["total_cost"], rel=3e-4)  # the other package cuts demand its own way


def test_tails_beyond_eight_deviations_do_not_matter_but_those_beyond_four_do():
    row = STOCK["stockpyl_finite_horizon"][1]
    assert stock(row).total_cost == pytest.approx(stock(row, reach=12.0).total_cost, rel=1e-13)
    assert stock(row).total_cost - stock(row, reach=4.0).total_cost > 0.01


def test_one_period_is_the_newsvendor():
    plan = dynamic.finite_horizon_stock(
        1,
        holding=0.18,
        shortage=0.7,
        purchase=0.0,
        demand_mean=50,
        demand_sd=8,
        terminal_holding=0,
        terminal_shortage=0,
    )
    assert plan.order_up_to[0] == 57  # 56.604 in whole units
    best = dynamic.expected_mismatch(56.60395592743389, 0.18, 0.7, 50, 8)
    assert best == pytest.approx(1.9976051931766448, rel=1e-12)
    assert best < plan.total_cost < best + 0.01


def test_a_dearer_order_is_larger_and_rarer():
    row = STOCK["stockpyl_finite_horizon"][0]
    cheap, dear = stock(row, fixed=0.0), stock(row, fixed=500.0)
    assert (dear.order_up_to[:-1] > cheap.order_up_to[:-1]).all()
    assert (dear.reorder_point < cheap.reorder_point).all()


def test_stock_that_never_pays_is_never_ordered():
    plan = dynamic.finite_horizon_stock(3, holding=1, shortage=2, purchase=50, demand_mean=5, demand_sd=1)
    assert (plan.reorder_point == -np.inf).all()
    # Shortage grows by 5 a period and is paid in each, and once more at the end.
    assert plan.total_cost == pytest.approx(2 * (5 + 10 + 15 + 15), rel=1e-3)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"P": np.full((5, 5), 0.3)}, "sum to"),
        ({"beta": 1.0}, "beta"),
        ({"lead": 0}, "lead"),
        ({"P": np.eye(3)}, "shape"),
    ],
)
def test_bad_capacity_problems_are_named(change, words):
    with pytest.raises(InputError, match=words):
        dynamic.capacity_mdp(**{**CAPACITY, **change})


def test_a_negative_holding_cost_is_named():
    with pytest.raises(InputError, match="holding"):
        stock(STOCK["stockpyl_finite_horizon"][0], holding=-1.0)
