"""Quality bought with training, entry and the number of labs: stored equilibria, deviations, and Sutton's bound."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.decisions import entry, quality
from gigawatt.decisions.logit import Market
from gigawatt.decisions.quality import Race

REFERENCE = Path(__file__).parents[1] / "reference/planning"
STORED = json.loads((REFERENCE / "endogenous_quality_oligopoly.json").read_text())
FREE = json.loads((REFERENCE / "logit_bertrand_pyblp.json").read_text())["free_entry_symmetric_logit"]
AT_ONCE = [c for c in STORED["simultaneous"] if "inputs" in c]


def solved(cases, timing):
    inputs = {k: np.array([c["inputs"].get(k, 0.0) for c in cases], float) for k in ("N", "M", "theta", "alpha")}
    inputs |= {k: np.array([c["inputs"].get(k, 0.0) for c in cases], float) for k in ("c", "b", "x0", "K")}
    labs = inputs.pop("N")
    return quality.symmetric(Race(*inputs.values()), labs, timing)


@pytest.mark.parametrize(
    ("cases", "timing", "within"),
    [(AT_ONCE, "at once", 1e-10), (STORED["two_stage"], "two stages", 1e-6)],
    ids=["at once", "two stages"],
)
def test_stored_equilibria_in_every_field(cases, timing, within):
    found = solved(cases, timing)
    keys = {"share": "share", "price": "price", "spend": "training_spend", "profit": "profit"}
    if timing == "at once":
        keys |= {"quality": "quality", "revenue": "revenue", "candidates": "n_symmetric_roots"}
        assert found.exists.tolist() == [c["is_global_best_response"] for c in cases]
        np.testing.assert_allclose(found.spend / found.revenue, [c["training_over_revenue"] for c in cases], rtol=1e-10)
        gains = np.array([c["best_deviation_gain"] for c in cases])
        gone = ~np.asarray(found.exists)
        np.testing.assert_allclose(np.asarray(found.gain)[gone], gains[gone], rtol=1e-9)
    # profit is a small difference of large sums where theta is near the bound: relative to what is earned
    scale = np.array([c["inputs"]["M"] / c["inputs"]["alpha"] for c in cases])
    for field, key in keys.items():
        stored = np.array([c[key] for c in cases])
        room = within * np.maximum(np.abs(stored), scale if field == "profit" else 0.0)
        assert np.all(np.abs(np.asarray(getattr(found, field)) - stored) <= room), field


def test_bound_on_the_number_of_labs_is_the_stored_one_and_is_met():
    for case in (c for c in STORED["simultaneous"] if "N_bound" in c):
        np.testing.assert_allclose(quality.most_labs(case["theta"]), case["N_bound"], rtol=1e-12)
    assert quality.most_labs(1.0) == np.inf
    theta = np.array([1.25, 1.3, 1.5, 2.5])
    entered = quality.free_entry(Race(1e8, theta, 1.0, 1.0, 0.5))
    np.testing.assert_array_equal(entered, np.floor(quality.most_labs(theta) + 1e-9))


def test_a_larger_market_holds_more_labs_only_without_the_race():
    size = np.array([1e2, 1e4, 1e6])
    raced = np.asarray(quality.free_entry(Race(size, 1.3, 1.0, 1.0, 0.5, fixed=10.0)))
    plain = np.asarray(entry.free_entry(3.0, 1.0, 1.0, size, 10.0))
    assert raced[-1] == 4 and plain[0] == 10 and plain[-1] == 100  # as many as were asked for


def test_no_other_spend_earns_more_than_the_best_response():
    race, rivals = Race(1000.0, 1.25, 1.0, 1.0, 0.5), np.linspace(0.1, 9.0, 30)
    best = jax.tree.map(np.asarray, quality.best_response(race, rivals))
    spend = np.concatenate([[0.0], np.geomspace(1e-3, 1300.0, 600)])[:, None]
    price = best.price + np.linspace(-1.0, 1.0, 9)[:, None, None]
    utility = 0.5 + 1.25 * np.log1p(spend) - price
    earned = 1000.0 / (1.0 + np.exp(rivals - utility)) * (price - 1.0) - spend
    assert np.all(earned.max((0, 1)) <= best.profit + 1e-9)
    assert np.any(best.spend == 0.0) and np.any(best.spend > 100.0)  # both peaks are best somewhere


def test_softer_prices_when_quality_comes_first():
    race, labs = Race(100.0, 0.8, 1.0, 1.0, 0.5), np.array([1.0, 2.0, 3.0, 5.0])
    once, staged = (quality.symmetric(race, labs, timing) for timing in ("at once", "two stages"))
    np.testing.assert_allclose(staged.spend[0], once.spend[0], rtol=1e-12)
    assert np.all(staged.spend[1:] < once.spend[1:]) and np.all(staged.profit[1:] > once.profit[1:])


def test_spend_has_the_derivative_of_differences():
    def spend(theta):
        return quality.symmetric(Race(100.0, theta, 1.0, 1.0, 0.5), 3.0).spend

    value, slope = jax.jit(jax.vmap(lambda t: jax.jvp(spend, (t,), (1.0,))))(jnp.array([0.8, 0.8 + 1e-5, 0.8 - 1e-5]))
    np.testing.assert_allclose(slope[0], (value[1] - value[2]) / 2e-5, rtol=1e-7)


def test_stored_entry_with_logit_demand():
    table = {k: np.array([row[k] for row in FREE["table"]]) for k in FREE["table"][0]}
    given = FREE["inputs"]
    terms = given["beta0"] + given["gamma"] * given["quality"], -given["alpha"], given["cost"], given["market_size"]
    found = entry.symmetric(table["N"], *terms)
    keys = ("price", "share", "profit_per_firm", "consumer_surplus")
    for value, key in zip(found, keys, strict=True):
        np.testing.assert_allclose(value, table[key], rtol=1e-10, err_msg=key)
    costs = {float(k): n for k, n in FREE["n_free_entry_by_fixed_cost"].items()}
    np.testing.assert_array_equal(entry.free_entry(*terms, np.array(list(costs))), list(costs.values()))


def test_labs_that_differ_enter_in_turn_until_nobody_would_change():
    market = Market([[3.0, 3.0, 2.9, 2.5, 0.0], [3.0] * 5], 1.0, 1.0, size=100.0)
    cost = np.array([[20.0, 35.0, 30.0, 30.0, 5.0], [25.0] * 5])
    found = entry.sequential(market, cost)
    assert np.all(found.settled)
    assert np.asarray(found.enters[1]).sum() == entry.free_entry(3.0, 1.0, 1.0, 100.0, 25.0)
    assert np.all(np.asarray(found.profit)[np.asarray(found.enters)] >= 0.0)
    for lab in range(5):  # who is out would lose
        if not found.enters[0, lab]:
            more = jnp.asarray(found.enters[0]).at[lab].set(True)
            other = entry.sequential(Market([3.0, 3.0, 2.9, 2.5, 0.0], 1.0, 1.0, size=100.0).only(more), np.zeros(5))
            assert other.market.profit[lab] < cost[0, lab]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Race(0.0, 1.0, 1.0, 1.0), "size is 0"),
        (lambda: Race(1.0, -0.1, 1.0, 1.0), "theta is -0.1"),
        (lambda: Race(1.0, 1.0, 0.0, 1.0), "sensitivity is 0"),
        (lambda: Race(1.0, 1.0, 1.0, np.nan), "cost is nan"),
        (lambda: Race(np.ones(2), np.ones(3), 1.0, 1.0), "theta has shape"),
        (lambda: quality.symmetric(Race(1.0, 1.0, 1.0, 1.0), 0.5), "labs is 0.5"),
        (lambda: quality.symmetric(Race(1.0, 1.0, 1.0, 1.0), 2, "later"), "timing is 'later'"),
        (lambda: entry.symmetric(0, 1.0, 1.0, 1.0), "labs is 0"),
        (lambda: entry.free_entry(1.0, -1.0, 1.0, 1.0, 1.0), "sensitivity is -1"),
        (lambda: entry.sequential(Market([1.0, 1.0], 1.0, 1.0), [-1.0, 0.0]), "entry_cost is -1"),
        (lambda: entry.sequential(Market([1.0, 1.0], 1.0, 1.0, owner=[0, 0]), 1.0), "one product"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
