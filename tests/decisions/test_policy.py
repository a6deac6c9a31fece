"""A rule that anybody can follow, trained by derivatives, against the exact plan on every stored tree."""

import json
from pathlib import Path

import numpy as np
import pytest

import gigawatt  # noqa: F401  turns 64 bits on
from gigawatt.core.errors import InputError
from gigawatt.decisions import tree as trees
from gigawatt.decisions.extensive import NeverRuin, solve
from gigawatt.decisions.policy import kinds_of, train
from gigawatt.decisions.tree import Bet, Contract, Tree

FILE = Path(__file__).parents[1] / "reference/planning/capacity_expansion_trees.json"
STORED = {i["name"]: i for i in json.loads(FILE.read_text(encoding="utf-8"))["instances"]}
WITHIN = 0.05


def bet_of(name: str) -> Bet:
    stored = STORED[name]
    p = stored["params"]
    if "worlds" in stored:
        tree = Tree.from_worlds({w["label"]: (w["prob"], w["demand"]) for w in stored["worlds"]})
    else:
        tree = Tree.from_regimes(stored["growth"], stored["P0"], stored["P"], len(p["kappa"]))
    contract = Contract(p["L"], p["Tc"], p["kappa"])
    money = {"cash": p["W0"], "existing_price": p["kappa0"], "fixed": p["fixed"], "discount": p["beta"]}
    return Bet(tree, (contract,), p["rho"], existing=p["K0"], **money)


@pytest.mark.parametrize("never_ruin", [False, True], ids=["neutral", "never ruin"])
@pytest.mark.parametrize("name", STORED)
def test_the_trained_rule_is_within_five_per_cent_of_the_exact_plan(name, never_ruin, capsys):
    bet = bet_of(name)
    trained, exact = train(bet, never_ruin), solve(bet, NeverRuin() if never_ruin else None).value
    with capsys.disabled():
        print(f"\n{name}, {'never ruin' if never_ruin else 'neutral'}: {trained.value / exact:.2%} of {exact:.6g}")
    assert exact * (1 - WITHIN) <= trained.value <= exact * (1 + 1e-9)
    assert trained.value == pytest.approx(trees.value(bet, trained.orders))
    if never_ruin:
        assert trees.cash(bet, trained.orders).min() >= 0.0 and trained.probability_of_ruin == 0.0


@pytest.mark.parametrize(("name", "hand_fitted"), [("growth3_T5_L2_Tc3", 0.966), ("growth3_T5_L2_Tc3_W0_10", 0.950)])
def test_training_by_derivatives_beats_fitting_by_hand_where_cash_binds(name, hand_fitted):
    bet = bet_of(name)
    assert train(bet, never_ruin=True).value > hand_fitted * solve(bet, NeverRuin()).value


def test_the_rule_says_no_more_than_it_sees():
    bet = bet_of("growth3_T5_L2_Tc3")
    trained, kind, tree = train(bet, never_ruin=True), kinds_of(bet), bet.tree
    cash = trees.cash(bet, trained.orders)
    up_to, per_cash, per_demand = (np.asarray(part)[tree.time, kind] for part in trained.rule)
    cap = per_cash * cash + per_demand * tree.demand
    places = tree.time + bet.contracts[0].lead < tree.periods
    assert np.all(trained.orders[places] <= np.maximum(np.minimum(up_to * tree.demand, cap), 0.0)[places] + 1e-9)
    assert np.all(trained.orders[~places] == 0.0)  # what would serve after the end is not ordered


def test_one_period_of_certain_demand_is_met_exactly():
    bet = Bet(Tree.from_worlds({"sure": (1.0, [1.0, 3.0])}), (Contract(1, 1, 1.0),), 2.0, existing=[1.0, 0.0])
    assert train(bet).orders[0] == pytest.approx(3.0, rel=1e-3)


def test_contracts_that_the_rule_does_not_know_are_refused():
    tree = Tree.from_worlds({"sure": (1.0, [1.0, 3.0])})
    for contract in (Contract(1, 1, cancellation=0.1), Contract(0, 1)):
        with pytest.raises(InputError, match="linear programme"):
            train(Bet(tree, (contract,), 2.0))
