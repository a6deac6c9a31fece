"""A clause to cancel: what is given up never serves, costs its fee, and leaves every count once."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.run import run
from gigawatt.core.scenario import load
from gigawatt.mechanisms.supply import part_given_up
from gigawatt.study.plan_world import CLAUSE

CERTAIN = {"logit.taste_noise": 0.0, "spending.noise": 0.0}
KEEP = ("power", "bill", "position", "on_order", "arriving", "delivered", "delivered_bill", "given_up", "accepted")


def clause(covered, fee=0.0, **more):
    changes = {"cancellable_fleet.covered": covered, "cancellable_fleet.fee": fee, **CERTAIN}
    return run(load("base").change(use=CLAUSE), 64, set=changes, keep=KEEP, **more)


@pytest.fixture(scope="module")
def covered():
    return clause(1.0)


def test_a_clause_that_covers_nothing_changes_nothing():
    """Whole months, so that a delay in two parts splits over months as the one of take-or-pay does."""
    whole = {"contracts.lead": 1.5, "contracts.term": 5.0}
    scenario = load("base").change(use=CLAUSE, set=whole)
    plain = run("base", 64, set=CERTAIN | whole, keep=("power", "bill", "position", "on_order"))
    none = run(scenario, 64, set=CERTAIN | {"cancellable_fleet.covered": 0.0}, keep=KEEP)
    for name in plain.data_vars:
        np.testing.assert_allclose(none[name].values, plain[name].values, rtol=1e-9, atol=1e-9)
    assert not none["given_up"].values.any()


def test_what_arrives_is_taken_or_given_up(covered):
    taken = covered["delivered"].values + covered["given_up"].values
    np.testing.assert_allclose(taken, covered["arriving"].values, rtol=1e-12, atol=1e-12)
    assert covered["given_up"].values.sum() > 0.0
    assert covered["given_up"].values.min() >= 0.0


def test_position_is_what_will_be_in_service_a_lead_time_from_now(covered):
    """Stocks stay what they count: nothing given up is still held, or leaves twice."""
    assert covered["power"].values.min() > -1e-9
    # every order counts until it is given up, or a lead time before its term ends
    assert (covered["position"].values - covered["on_order"].values).min() > -1e-9
    assert covered["on_order"].values.min() > -1e-9
    flow = covered["accepted"].values[:, :-1] - covered["arriving"].values[:, 1:]
    moved = np.diff(covered["on_order"].values, axis=1)
    np.testing.assert_allclose(moved, flow / 12, rtol=1e-9, atol=1e-9)


def test_a_full_fee_costs_what_take_or_pay_does():
    paid = clause(1.0, 1.0, until="2028-12")
    bought = run("base", 64, set=CERTAIN, until="2028-12", keep=("delivered_bill", "accepted_bill"))
    first = slice(0, 9)  # months whose arrivals were ordered before anybody could act on the clause
    np.testing.assert_allclose(
        paid["delivered_bill"].values[:, first], bought["delivered_bill"].values[:, first], rtol=1e-9
    )
    assert paid["given_up"].values[:, first].sum() > 0.0


def test_the_fee_is_charged_on_what_is_given_up_and_on_nothing_else():
    dear, free = (clause(1.0, fee, until="2026-06") for fee in (0.3, 0.0))
    np.testing.assert_allclose(dear["given_up"].values[:, 0], free["given_up"].values[:, 0], rtol=1e-12)
    arriving, taken = (free[n].values[:, 0] for n in ("arriving", "delivered"))
    price = free["delivered_bill"].values[:, 0] / np.where(taken > 0.0, taken, np.inf)
    fee = dear["delivered_bill"].values[:, 0] - free["delivered_bill"].values[:, 0]
    some = taken > 0.0
    np.testing.assert_allclose(fee[some], (0.3 * price * (arriving - taken))[some], rtol=1e-9, atol=1e-9)


@given(st.floats(0.0, 50.0), st.floats(-20.0, 20.0), st.floats(0.0, 1.0))
@settings(max_examples=50, deadline=None)
def test_no_more_is_given_up_than_is_spare_or_covered(arriving, spare, share):
    dt = 1.0 / 12.0
    part = float(part_given_up(jnp.asarray(arriving), jnp.asarray(spare), share, dt))
    assert 0.0 <= part <= share + 1e-12
    assert part * arriving * dt <= max(spare, 0.0) + 1e-9
