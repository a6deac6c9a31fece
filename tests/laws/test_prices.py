"""Prices: a fixed capability gets cheaper with efficiency, down to a floor; use rebounds with the elasticity."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.units import default_axes
from gigawatt.mechanisms import prices

LABS = len(default_axes()["lab"])


def test_the_published_fall_from_gpt_3_to_llama_in_three_years():
    # Appenzeller (2024): 60 dollars in November 2021, 0.06 three years later, tenfold a year without a floor
    assert prices.declining_price(60.0, 3.0, np.log(10.0), 0.0) == pytest.approx(0.06)


def test_price_stops_at_the_floor_and_a_price_below_it_stays():
    assert prices.serving_cost(5.0, 1e12, 2.0, 0.04) == pytest.approx(0.04)
    assert prices.serving_cost(0.02, 1e12, 2.0, 0.04) == 0.02
    assert prices.declining_price(5.0, 0.0, 3.0, 0.04) == pytest.approx(5.0)


@given(st.floats(0.01, 100.0), st.floats(1.0, 1e4), st.floats(1.0, 10.0), st.floats(0.0, 5.0), st.floats(0.0, 2.0))
@settings(max_examples=80, deadline=None)
def test_price_at_fixed_capability_never_rises_with_efficiency(cost, efficiency, more, pass_through, floor):
    now = float(prices.serving_cost(cost, efficiency, pass_through, floor))
    later = float(prices.serving_cost(cost, efficiency * more, pass_through, floor))
    assert later <= now * (1 + 1e-12) <= cost * (1 + 1e-9)
    assert later >= min(cost, floor) * (1 - 1e-12)


def test_lerner_markup_gives_margin_one_over_elasticity():
    for elasticity in (1.1, 2.0, 5.0):
        assert prices.serving_margin(prices.marked_up(3.0, elasticity), 3.0) == pytest.approx(1.0 / elasticity)


def test_a_fall_of_tenfold_raises_spending_only_above_unit_elasticity():
    # Demirer et al. (2025): short-run elasticity about 1.1, hardly any more money
    assert prices.spending_after(1.0, 0.1, 1.1) == pytest.approx(10**0.1)
    assert prices.spending_after(1.0, 0.1, 1.0) == pytest.approx(1.0)
    assert prices.spending_after(1.0, 0.1, 0.5) == pytest.approx(10**-0.5)


@given(st.floats(0.01, 100.0), st.floats(0.0, 3.0))
def test_spending_is_price_times_tokens(ratio, elasticity):
    spent = ratio * prices.tokens_used(1.0, ratio, elasticity)
    assert prices.spending_after(1.0, ratio, elasticity) == pytest.approx(float(spent), rel=1e-9)


@pytest.mark.parametrize("elasticity", [0.4, 1.0, 1.6])
def test_rebound_is_the_part_of_saved_compute_that_use_takes_back(elasticity):
    # a gain of one per cent in efficiency: compute = tokens / efficiency
    gain = 1e-6
    compute = prices.tokens_used(1.0, 1.0 / (1.0 + gain), elasticity) / (1.0 + gain)
    assert 1.0 - (1.0 - compute) / gain == pytest.approx(prices.rebound(elasticity), abs=1e-5)


def test_month_by_month_the_price_is_that_of_the_whole_gain():
    law, level = prices.CapabilityPrice(), np.geomspace(1.0, 30.0, 25)
    price = law.begin()["price_of_capability"]
    for before, now in zip(level[:-1], level[1:], strict=True):
        algorithms = {"algorithms": np.full(LABS, now), "prev_algorithms": np.full(LABS, before)}
        price = law(**algorithms, prev_price_of_capability=price).price_of_capability
    assert price == pytest.approx(prices.serving_cost(law.price_at_start, 30.0, law.pass_through, law.floor))
    assert float(law.floor) < float(price) < float(law.price_at_start)


def test_derivatives_are_finite_on_both_sides_of_the_floor():
    for cost in (0.01, 5.0):
        assert np.isfinite(jax.grad(prices.serving_cost, argnums=(0, 1, 2, 3))(cost, 2.0, 1.5, 0.04)).all()
