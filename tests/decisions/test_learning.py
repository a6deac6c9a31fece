"""Learning: beliefs follow Bayes' rule, and seeing growth before ordering more is worth something."""

import json
import math
from pathlib import Path

import jax
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import gamma, lognorm, norm

from gigawatt.core.errors import InputError
from gigawatt.decisions import learning

REFERENCE = Path(__file__).parents[1] / "reference" / "planning" / "dp_and_learning.json"
CASE = json.loads(REFERENCE.read_text())["learning_two_orders"]
PRIOR, MEANS, SD = np.array([0.5, 0.5]), np.log([10.0, 5.0]), 0.4
TRADE = {"price": 3.0, "cost": 1.0, "salvage": 0.2}


def orders(late_cost, **changes):
    given = {"prior": PRIOR, "means": MEANS, "sd": SD, **TRADE, **changes}
    return jax.device_get(learning.two_orders(late_cost=late_cost, **given))


ROWS = [(row, orders(row["c1"])) for row in CASE["rows"]]


@pytest.mark.parametrize("row, found", ROWS, ids=lambda v: str(v["c1"]) if isinstance(v, dict) else "")
def test_the_stored_two_order_problem(row, found):
    known = row["regime_known_first"]
    assert found.no_update == pytest.approx(row["no_update"]["value"], rel=1e-7)
    assert found.learning == pytest.approx(row["learn"]["value"], rel=1e-7)
    assert found.regime_known == pytest.approx(known["value"], rel=1e-7)
    assert found.demand_known == pytest.approx(CASE["perfect_information_on_demand_value"], rel=1e-12)
    assert found.learning_order == pytest.approx(row["learn"]["q0"], rel=1e-6)
    np.testing.assert_allclose(found.regime_known_orders, [known["q0_H"], known["q0_L"]], rtol=1e-6)
    # The stored order without updating is the top of a flat, gridded curve: it is known to 1e-4 only.
    assert found.no_update_order == pytest.approx(row["no_update"]["q0"], rel=1e-4)


def test_learning_lies_between_not_updating_and_knowing_the_regime():
    for _, found in ROWS:
        assert found.no_update <= found.learning + 1e-9
        assert found.learning < found.regime_known < found.demand_known


def test_the_first_order_rises_with_the_price_of_waiting():
    first = [float(found.learning_order) for _, found in ROWS]
    assert first == sorted(first) and first[0] < first[-1] / 3


def test_without_a_second_date_the_order_is_the_newsvendor_of_the_mixture():
    found = orders(late_cost=5.0)
    parts = [lognorm(s=SD * math.sqrt(2), scale=math.exp(2 * mean)) for mean in MEANS]
    fractile = (3.0 - 1.0) / (3.0 - 0.2)
    order = brentq(lambda q: sum(0.5 * part.cdf(q) for part in parts) - fractile, 1, 1e4, xtol=1e-12)
    short = sum(0.5 * quad(part.sf, 0, order, epsabs=1e-11, limit=200)[0] for part in parts)  # E min(D, q)
    assert found.learning_order == pytest.approx(order, rel=1e-9)
    assert found.learning == pytest.approx(3.0 * short + 0.2 * (order - short) - order, rel=1e-9)
    assert found.no_update == pytest.approx(found.learning, rel=1e-12)


def test_nothing_is_ordered_early_when_waiting_is_free_or_nothing_pays():
    free = orders(late_cost=1.0)
    assert free.learning_order == 0.0 and free.learning > orders(late_cost=1.05).learning
    dear = orders(late_cost=5.0, cost=4.0)
    assert dear.learning_order == 0.0 and dear.learning == 0.0


def test_learning_is_worthless_when_regimes_are_alike():
    found = orders(1.5, prior=[0.3, 0.7], means=[1.0, 1.0])
    assert found.learning == pytest.approx(found.no_update, rel=1e-12)
    assert found.regime_known == pytest.approx(found.learning, rel=1e-12)


def test_value_scales_with_demand_and_batches_with_a_derivative():
    one, ten = (orders(1.5, demand=d) for d in (1.0, 10.0))
    assert ten.learning == pytest.approx(10 * one.learning, rel=1e-10)
    assert ten.learning_order == pytest.approx(10 * one.learning_order, rel=1e-10)

    def value(late):
        return learning.two_orders(PRIOR, MEANS, SD, late_cost=late, **TRADE).learning

    batch = jax.vmap(value)(np.array([1.2, 1.5]))
    np.testing.assert_allclose(batch, [ROWS[1][1].learning, ROWS[2][1].learning], rtol=1e-12)
    numeric = (float(value(1.5 + 1e-4)) - float(value(1.5 - 1e-4))) / 2e-4
    assert jax.jvp(value, (1.5,), (1.0,))[1] == pytest.approx(numeric, rel=1e-6)


def test_log_odds_are_bayes_rule_for_two_normals():
    prior, growth = 0.3, 1.9
    weights = np.array([prior, 1 - prior]) * norm.pdf(growth, MEANS, SD)
    odds = learning.log_odds_update(math.log(prior / (1 - prior)), growth, *MEANS, SD)
    assert odds == pytest.approx(math.log(weights[0] / weights[1]), rel=1e-12)
    assert learning.log_odds_update(0.7, MEANS.mean(), *MEANS, SD) == pytest.approx(0.7)  # halfway says nothing


def test_regime_filter_is_the_sum_over_all_histories():
    prior, transition = np.array([0.2, 0.5, 0.3]), np.array([[0.5, 0.35, 0.15], [0.2, 0.5, 0.3], [0.15, 0.4, 0.45]])
    seen = norm.logpdf(np.array([0.1, 0.9, 1.7])[:, None], np.log([0.6, 2.0, 5.0]), 0.5)
    beliefs, evidence = learning.regime_filter(prior, transition, seen)
    joint = np.einsum(
        "i,i,ij,j,jk,k->ijk", prior, np.exp(seen[0]), transition, np.exp(seen[1]), transition, np.exp(seen[2])
    )
    np.testing.assert_allclose(beliefs[2], joint.sum((0, 1)) / joint.sum(), rtol=1e-12)
    assert evidence == pytest.approx(math.log(joint.sum()), rel=1e-12)
    np.testing.assert_allclose(beliefs.sum(-1), 1.0, rtol=1e-12)


def test_a_far_off_observation_does_not_break_the_filter():
    beliefs, _ = learning.regime_filter([0.5, 0.5], np.eye(2), np.array([[-5000.0, -5001.0]]))
    assert beliefs[0, 0] == pytest.approx(1 / (1 + math.exp(-1.0)))


def test_a_batch_of_beliefs_moves_like_each_alone():
    batch, transition = np.array([[0.1, 0.9], [0.6, 0.4]]), np.array([[0.9, 0.1], [0.2, 0.8]])
    np.testing.assert_allclose(learning.predict(batch, transition)[1], learning.predict(batch[1], transition))
    np.testing.assert_allclose(learning.update(batch, np.log([0.2, 0.4]))[0], [0.02 / 0.38, 0.36 / 0.38])


def test_waiting_in_vain_lowers_the_hazard_and_survival_is_its_mixture():
    belief = learning.HazardBelief(shape=2.0, rate=8.0)
    mixed, _ = quad(lambda h: math.exp(-3 * h) * gamma.pdf(h, 2.0, scale=1 / 8.0), 0, np.inf)
    assert learning.survival(belief, 3.0) == pytest.approx(mixed, rel=1e-9)
    after = learning.observe_arrivals(belief, arrivals=0, exposure=5.0)
    assert after == (2.0, 13.0)
    assert (
        learning.expected_hazard(belief, waited=5.0)
        == learning.expected_hazard(after)
        < learning.expected_hazard(belief)
    )
    both = learning.survival(belief, 8.0) / learning.survival(belief, 5.0)
    assert learning.survival(belief, 3.0, waited=5.0) == pytest.approx(both, rel=1e-12)
    assert learning.expected_hazard(learning.observe_arrivals(belief, 3, 5.0)) == pytest.approx(5 / 13)


@pytest.mark.parametrize(
    "change, name",
    [({"prior": [0.5, 0.4]}, "prior"), ({"sd": 0.0}, "sd"), ({"salvage": 1.0}, "salvage")],
)
def test_bad_input_is_named(change, name):
    with pytest.raises(InputError, match=name):
        orders(1.5, **change)
