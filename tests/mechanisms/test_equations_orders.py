"""The newsvendor's order and the belief behind it."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.orders import (
    breakeven_purchase,
    critical_fractile,
    expected_growth,
    order_rate,
    order_up_to_ratio,
)


def test_fractile_by_hand_and_in_any_money():
    assert critical_fractile(3.0, 1.0, 0.2) == pytest.approx(5.0 / 7.0)
    assert critical_fractile(3e9, 1e9, 2e8) == pytest.approx(5.0 / 7.0)
    assert critical_fractile(1.0, 1.0, 0.0) == 0.0  # no margin, no order beyond certain demand


def test_order_up_to_ratio_of_the_reference_solution():
    # compute-bet.md 2.4, closed_forms_misc.json: growth LN(ln 5, 0.4) a year, lead time 2 years
    ratio = order_up_to_ratio(2.0 * np.log(5.0), 0.4 * np.sqrt(2.0), critical_fractile(3.0, 1.0, 0.2))
    assert ratio == pytest.approx(34.43332428581538, rel=1e-12)


def test_uncertainty_raises_the_order_only_where_margin_is_high():
    low_margin, high_margin = 0.3, 0.8
    assert order_up_to_ratio(1.0, 0.6, high_margin) > order_up_to_ratio(1.0, 0.2, high_margin)
    assert order_up_to_ratio(1.0, 0.6, low_margin) < order_up_to_ratio(1.0, 0.2, low_margin)
    assert order_up_to_ratio(1.0, 0.6, 0.5) == pytest.approx(np.e)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 3.0), st.floats(-0.1, 0.5), st.floats(0.0, 4.0), st.floats(0.1, 5.0))
def test_expected_growth_is_the_integral_of_a_fading_pace(now, long_run, fade, horizon):
    nodes, weights = np.polynomial.legendre.leggauss(40)
    t = 0.5 * horizon * (nodes + 1.0)
    pace = long_run + (now - long_run) * np.exp(-fade * t)
    by_hand = 0.5 * horizon * weights @ pace
    assert expected_growth(now, long_run, fade, horizon) == pytest.approx(by_hand, abs=1e-10)


def test_pace_that_does_not_fade_lasts_and_one_that_fades_at_once_is_gone():
    assert expected_growth(2.3, 0.1, 0.0, 2.0) == pytest.approx(4.6)
    assert expected_growth(2.3, 0.1, 1e9, 2.0) == pytest.approx(0.2)


def test_breakeven_purchase_balances_the_ledger():
    revenue, margin, salvage = 250.0, 2.0 / 3.0, jnp.asarray([0.0, 0.3, 0.6])
    bought = breakeven_purchase(revenue, margin, salvage)
    idle = bought - revenue * (1.0 - margin)
    assert jnp.allclose(revenue + salvage * idle, bought)
    assert bought[0] == 250.0
    assert jnp.all(jnp.diff(bought) > 0.0)  # idle compute that is worth something carries a larger order


@given(st.floats(0.05, 2.0), st.floats(0.0, 1.0), st.integers(1, 6))
def test_orders_of_a_step_do_not_depend_on_how_it_is_cut(spread, filled, parts):
    """What is accepted closes the gap: a month in parts wants, on average, what a month at once does."""
    gap, dt, total = 10.0, 1.0 / 12.0, 0.0
    for _ in range(parts):
        rate = float(order_rate(gap, spread, filled, dt / parts))
        total += rate * dt / parts
        gap -= filled * rate * dt / parts
    assert total == pytest.approx(float(order_rate(10.0, spread, filled, dt)) * dt, rel=1e-9)
    assert 10.0 - gap == pytest.approx(filled * total, abs=1e-9)


def test_orders_that_nobody_takes_are_wanted_in_full_and_those_taken_close_the_gap():
    assert float(order_rate(10.0, 0.5, 0.0, 1.0)) == pytest.approx(20.0)
    assert float(order_rate(10.0, 0.5, 1.0, 1.0)) == pytest.approx(10.0 * -np.expm1(-2.0))
