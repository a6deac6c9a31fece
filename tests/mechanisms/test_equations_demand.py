"""The trend of revenue and its bend."""

import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.demand import (
    growth_rate,
    monthly_addition,
    multiple_between,
    trend_path,
    trend_step,
    years_to,
)


def test_growth_is_full_far_below_the_ceiling_and_gone_at_it():
    assert growth_rate(0.0, 10.0, 100.0) == pytest.approx(float(jnp.log(10.0)))
    assert growth_rate(50.0, 10.0, 100.0) == pytest.approx(float(jnp.log(10.0)) / 2.0)
    assert growth_rate(100.0, 10.0, 100.0) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 1.0), st.floats(1.0, 1e6), st.floats(1e-3, 50.0))
def test_revenue_never_passes_its_ceiling(start, multiple, dt):
    later = trend_step(start, multiple, 1.0, dt)
    assert start * (1 - 1e-12) <= later <= 1.0 + 1e-12


def test_step_is_exact_over_any_length():
    whole = trend_step(10.0, 10.0, 500.0, 2.0)
    months = 10.0
    for _ in range(24):
        months = trend_step(months, 10.0, 500.0, 1 / 12)
    assert months == pytest.approx(float(whole))
    # logistic by hand: 500 / (1 + 49 / 100)
    assert whole == pytest.approx(500.0 / 1.49)


def test_without_a_ceiling_the_trend_is_unbent():
    assert trend_step(10.0, 10.0, jnp.inf, 1.5) == pytest.approx(float(trend_path(10.0, 10.0, 1.5)))


def test_inverses():
    assert years_to(10.0, trend_path(10.0, 3.0, 2.5), 3.0) == pytest.approx(2.5)
    assert multiple_between(10.0, trend_path(10.0, 3.0, 2.5), 2.5) == pytest.approx(3.0)
    assert trend_path(10, 10, -1) == pytest.approx(1.0)  # whole numbers, backwards


def test_twelve_monthly_additions_make_the_year():
    revenue = 10.0
    for _ in range(12):
        revenue += monthly_addition(revenue, 10.0)
    assert revenue == pytest.approx(100.0)
