"""Commitments, ruin and runway."""

import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.finance import runway, valuation_multiple
from gigawatt.mechanisms.lab import cash_after, committed_total, is_ruined, shortfall

money = st.floats(0.0, 1e5)


def test_commitment_and_gap_by_hand():
    assert committed_total(1000.0, 5.0) == 5000.0
    assert shortfall(jnp.asarray([800.0, 1200.0]), 1000.0).tolist() == [200.0, 0.0]


def test_ruin_starts_where_cash_and_finance_end():
    ruined = is_ruined(jnp.asarray([149.0, 150.0, 151.0]), 50.0, 800.0, 1000.0)
    assert ruined.tolist() == [True, False, False]


@settings(max_examples=50, deadline=None)
@given(money, money, money, money)
def test_ruin_is_cash_below_zero(cash, finance, revenue, commitment):
    after = cash_after(cash, finance, revenue, commitment)
    if abs(after) > 1e-6:  # rounding decides on the edge itself
        assert bool(is_ruined(cash, finance, revenue, commitment)) == (after < 0.0)


def test_runway():
    assert runway(jnp.asarray([6.0, 6.0, -1.0]), jnp.asarray([3.0, 0.0, 3.0])).tolist() == [2.0, jnp.inf, 0.0]


def test_valuation_multiple():
    assert valuation_multiple(380.0, 10.0) == pytest.approx(38.0)
