"""Compute split and profit."""

import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.split import breakeven_inference, profit, profit_margin, revenue_of, split


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 1e4), st.floats(0.0, 1e4))
def test_every_unit_of_compute_is_used_once(compute, wanted):
    inference, training = split(compute, wanted)
    assert inference + training == pytest.approx(compute)
    assert 0.0 <= inference <= wanted and training >= 0.0


def test_toy_lab_by_hand():
    inference, training = split(100.0, 50.0)
    revenue = revenue_of(inference, 2.0 / 3.0)
    assert (training, revenue, profit(revenue, 100.0)) == pytest.approx((50.0, 150.0, 50.0))


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 0.95), st.floats(0.01, 0.95))
def test_margin_identity_is_the_ledger(gross_margin, training_share):
    compute = 100.0
    revenue = revenue_of((1.0 - training_share) * compute, gross_margin)
    ledger = profit(revenue, compute) / revenue
    assert profit_margin(gross_margin, training_share) == pytest.approx(float(ledger), abs=1e-9)


def test_excess_demand_squeezes_research_and_lifts_profit():
    wanted = jnp.asarray([20.0, 50.0, 80.0, 120.0])
    inference, training = split(100.0, wanted)
    assert jnp.all(jnp.diff(training) < 0.0)
    assert jnp.all(jnp.diff(profit(revenue_of(inference, 0.6), 100.0)) > 0.0)
    assert training[-1] == 0.0  # demand beyond compute is lost


def test_breakeven_is_where_profit_is_nothing():
    even = breakeven_inference(100.0, 0.75)
    assert even == pytest.approx(25.0)
    assert profit(revenue_of(even, 0.75), 100.0) == pytest.approx(0.0)
