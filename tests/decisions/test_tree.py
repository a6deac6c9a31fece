"""The tree, its contracts and what a plan earns: against stored plans and a plain retelling of the contract."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.decisions.tree import Bet, Contract, Tree, capacity, cash, ruined, used, value

REFERENCE = Path(__file__).parents[1] / "reference" / "planning"
INSTANCES = {
    case["name"]: case for case in json.loads((REFERENCE / "capacity_expansion_trees.json").read_text())["instances"]
}
PLANS = sorted(path.name for path in REFERENCE.glob("tree_*_nodes.csv"))
THREE = {"x10": (0.4, [1, 10, 100]), "x5": (0.4, [1, 5, 25]), "late": (0.2, [1, 1, 10])}


def stored(name):
    """Columns of a node file, and its bet on the very tree of the file."""
    with (REFERENCE / name).open() as file:
        rows = list(csv.DictReader(file))
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    labels = columns.pop("label")
    columns = {key: np.array(column, float) for key, column in columns.items()}
    case = INSTANCES[name.removeprefix("tree_").removesuffix("_nodes.csv")]
    tree = Tree(columns["parent"], columns["probability"], columns["demand"], labels)
    return case, columns, bet_on(tree, case["params"])


def bet_on(tree, p):
    contract = Contract(p["L"], p["Tc"], p["kappa"])
    return Bet(tree, contract, p["rho"], p["W0"], p["K0"], p["kappa0"], p["fixed"], p["beta"])


@pytest.mark.parametrize("name", PLANS)
def test_stored_plans_earn_what_their_file_says(name):
    case, columns, bet = stored(name)
    assert np.array_equal(bet.tree.time, columns["t"])
    plans = [key.removesuffix("_order") for key in columns if key.endswith("_order")]
    assert "neutral" in plans and "never" in plans
    for plan in plans:
        orders = columns[f"{plan}_order"]
        for law, column in ((capacity, "capacity"), (used, "used"), (cash, "cash")):
            np.testing.assert_allclose(law(bet, orders), columns[f"{plan}_{column}"], rtol=1e-12, atol=1e-11)
        expected = case["risk_neutral" if plan == "neutral" else plan]
        assert value(bet, orders) == pytest.approx(expected["value"], rel=1e-12)
        leaves = bet.tree.leaves
        lost = bet.tree.probability[leaves] @ ruined(bet, orders)[leaves]
        assert lost == pytest.approx(expected["pr_ever_negative"], abs=1e-12)


@pytest.mark.parametrize("name", [name for name in PLANS if "growth3" in name])
def test_regimes_grow_the_stored_tree(name):
    case, columns, _ = stored(name)
    tree = Tree.from_regimes(case["growth"], case["P0"], case["P"], periods=6)
    assert len(tree.parent) == case["nodes"]
    assert np.array_equal(tree.parent, columns["parent"])
    np.testing.assert_allclose(tree.demand, columns["demand"], rtol=1e-14)
    np.testing.assert_allclose(tree.probability, columns["probability"], rtol=1e-13)
    assert tree.regime[:5].tolist() == [-1, 0, 1, 2, 0]


def test_worlds_stay_one_until_demand_tells_them_apart():
    tree = Tree.from_worlds({"boom": (0.25, [1, 2, 9]), "bust": (0.35, [1, 2, 0]), "flat": (0.4, [1, 1, 1])})
    assert tree.label == ("boom+bust+flat", "boom+bust", "flat", "boom", "bust", "flat")
    assert tree.parent.tolist() == [-1, 0, 0, 1, 1, 2]
    np.testing.assert_allclose(tree.probability, [1, 0.6, 0.4, 0.25, 0.35, 0.4])
    assert tree.time.tolist() == [0, 1, 1, 2, 2, 2]
    assert tree.children(0).tolist() == [1, 2] and tree.leaves.tolist() == [3, 4, 5]
    assert tree.path(4).tolist() == [0, 1, 4]
    np.testing.assert_allclose(tree.mean_path().demand, [1, 1.6, 2.65])
    known = tree.revealed()
    assert known.roots.tolist() == [0, 3, 6] and known.demand.tolist() == [1, 2, 9, 1, 2, 0, 1, 1, 1]


def test_ruin_is_absorbing():
    bet = Bet(Tree.from_worlds({"only": (1.0, [0, 0, 9])}), Contract(0, 1), margin=2, cash=0, fixed=[1, -2, 0])
    assert ruined(bet, [0, 0, 0]).tolist() == [True, True, True]
    assert cash(bet, [0, 0, 0]).tolist() == [-1, 1, 1]


def test_cash_at_exactly_zero_is_not_ruin_whatever_the_unit():
    for unit in (1e-9, 1.0, 1e12):
        tree = Tree.from_worlds({"only": (1.0, np.array([1.0, 1.0, 1.0]) * unit)})
        bet = Bet(tree, Contract(0, 1), margin=0.3, cash=0.0, fixed=[0.1 * unit, 0.2 * unit, 0.3 * unit], existing=unit)
        assert not ruined(bet, np.zeros(3))[0]
        assert abs(cash(bet, np.zeros(3))[2] - 0.3 * unit) < 1e-12 * unit
        broke = Bet(tree, Contract(0, 1), margin=0.3, fixed=[0.3 * unit, 0.3 * unit, 0.301 * unit], existing=unit)
        assert ruined(broke, np.zeros(3)).tolist() == [False, False, True]


def retold(bet, orders, given_up):
    """Capacity and bill, told contract by contract along each path; the slow, obvious way."""
    tree, horizon = bet.tree, bet.tree.periods
    served, bill = np.zeros(len(tree.parent)), np.zeros(len(tree.parent))
    for node in range(len(tree.parent)):
        now = tree.time[node]
        served[node] = bet.existing[now]
        path = tree.path(node)
        for number, contract in enumerate(bet.contracts):
            price = np.broadcast_to(contract.price, horizon)
            for signed, origin in enumerate(path):
                left = orders[number, origin]
                service = [t for t in range(horizon) if contract.lead <= t - signed < contract.lead + contract.term]
                if signed == now:
                    bill[node] += left * (
                        (contract.option_fee or 0.0) + contract.prepayment * price[now] * len(service)
                    )
                for later in range(signed, now + 1):
                    units = given_up[number, path[later], later - signed]
                    refused = contract.option_fee is not None and later - signed == contract.lead
                    if refused or later < now:
                        left -= units
                    elif contract.cancellation is not None:
                        bill[node] += contract.cancellation * units * sum(t > now for t in service)
                if now in service:
                    served[node] += left
                    bill[node] += (1 - contract.prepayment) * price[signed] * left
    return served, bill


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_evaluation_follows_every_clause_of_every_contract(data):
    number = st.floats(0, 5)
    contract = st.builds(
        Contract,
        lead=st.integers(0, 3),
        term=st.integers(1, 4),
        price=st.lists(number, min_size=4, max_size=4),
        cancellation=st.none() | number,
        prepayment=st.floats(0, 1),
        option_fee=st.none() | number,
    )
    tree = Tree.from_regimes([0.5, 2], [0.5, 0.5], [[0.7, 0.3], [0.2, 0.8]], periods=4, demand=3)
    contracts = data.draw(st.lists(contract, min_size=1, max_size=2))
    bet = Bet(tree, contracts, margin=2.0, cash=1.0, existing=[1, 2, 0, 0], existing_price=1.5, discount=0.9)
    chance = np.random.default_rng(data.draw(st.integers(0, 99)))
    orders = chance.uniform(1, 2, (len(contracts), len(tree.parent)))
    given_up = np.zeros((*orders.shape, tree.periods))
    may = bet.laws.free[orders.size :].reshape(given_up.shape)
    given_up[may] = chance.uniform(0, 0.25, may.sum())
    served, bill = retold(bet, orders, given_up)
    np.testing.assert_allclose(capacity(bet, orders, given_up), served, atol=1e-12)
    flow = 2.0 * np.minimum(tree.demand, served) - bill - 1.5 * bet.existing[tree.time]
    assert value(bet, orders, given_up) == pytest.approx(tree.probability * 0.9**tree.time @ flow, abs=1e-10)
    paths = [flow[tree.path(node)].sum() for node in range(len(tree.parent))]
    np.testing.assert_allclose(cash(bet, orders, given_up), 1.0 + np.array(paths), atol=1e-10)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Tree.from_worlds({"a": (0.5, [1, 2]), "b": (0.4, [1, 3])}), "sum to 0.9, not 1"),
        (lambda: Tree.from_worlds({"a": (0.5, [1, 2]), "b": (0.5, [1])}), "lengths"),
        (lambda: Tree.from_worlds({}), "at least one"),
        (lambda: Tree.from_worlds({"a": (1.0, [1, np.inf])}), "unbounded"),
        (lambda: Tree.from_worlds({"a": (1.0, [1, -2])}), "demand at node 1 is -2"),
        (lambda: Tree.from_worlds({"a": (1.5, [1]), "b": (-0.5, [2])}), "probability at node 0 is 1.5"),
        (lambda: Tree([-1, 2, 0], [1, 0.5, 0.5], [1, 1, 1]), "parent at node 1 is 2"),
        (lambda: Tree([-1, 0, 0], [1, 0.5, 0.4], [1, 1, 1]), "at node 0 is 0.9"),
        (lambda: Tree([-1, 0], [1, 1], [1, 1, 1]), "one per node"),
        (lambda: Tree.from_regimes([1, 2], [0.5, 0.5], [[0.5, 0.4], [0.5, 0.5]], 3), "sum to 1"),
        (lambda: Tree.from_regimes([1, 2], [1.0], [[1.0]], 3), "growth factor"),
        (lambda: Contract(lead=-1, term=3), "lead -1"),
        (lambda: Contract(lead=1.5, term=3), "lead 1.5"),
        (lambda: Contract(lead=1, term=0), "term 0"),
        (lambda: Contract(1, 3, price=-0.1), "unbounded"),
        (lambda: Contract(lead=float("nan"), term=1), "lead nan"),
        (lambda: Contract(1, "long"), "term long"),
        (lambda: Contract(1, 3, price="cheap"), "price"),
        (lambda: Contract(1, 3, price=[1.0, np.inf]), "price at signing period 1 is inf"),
        (lambda: Contract(1, 3, prepayment=1.2), "prepayment 1.2"),
        (lambda: Contract(1, 3, cancellation=-1), "cancellation -1"),
        (lambda: Bet(Tree.from_worlds(THREE), [], 2.0), "contracts is empty"),
        (lambda: Bet(Tree.from_worlds(THREE), Contract(1, 1, [1, 2]), 2.0), "one number or 3"),
        (lambda: Bet(Tree.from_worlds(THREE), Contract(1, 1), 2.0, discount=1.2), "discount 1.2"),
        (
            lambda: Bet(Tree.from_worlds({"a": (1.0, [1] * 90)}), Contract(1, 1), 2.0, existing=[-1] * 90),
            "period 0 is -1",
        ),
        (lambda: Bet(Tree.from_worlds(THREE), Contract(1, 1), np.nan), "margin at period 0 is nan"),
        (lambda: Tree.from_regimes([1], [1.0], [[1.0]], 0), "periods 0"),
        (lambda: Bet(Tree.from_worlds(THREE), Contract(1, 1), 2.0, existing=-1), "existing"),
        (lambda: value(Bet(Tree.from_worlds(THREE), Contract(1, 1), 2.0), [1, 2]), "orders has shape"),
        (lambda: value(Bet(Tree.from_worlds(THREE), Contract(1, 1), 2.0), -np.ones(7)), "must be >= 0"),
    ],
)
def test_bad_input_is_told_in_one_line(build, says):
    with pytest.raises(InputError, match=says) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_nobody_gives_up_more_than_was_ordered():
    bet = Bet(Tree.from_worlds(THREE), Contract(0, 3, cancellation=0.0), 2.0)
    given_up = np.zeros((1, 7, 3))
    given_up[0, 1, 1] = 2.0
    assert capacity(bet, [2, 0, 0, 0, 0, 0, 0], given_up).tolist() == [2, 2, 2, 2, 0, 2, 2]
    with pytest.raises(InputError, match="exceeds an order by 1"):
        capacity(bet, [1, 0, 0, 0, 0, 0, 0], given_up)
    at_once = np.zeros((1, 7, 3))
    at_once[0, 0, 0] = 1.0
    with pytest.raises(InputError, match="does not let units go"):
        capacity(bet, [1, 0, 0, 0, 0, 0, 0], at_once)
