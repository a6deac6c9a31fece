"""Capacity relative to demand under random growth, and the identity of a lab's profit."""

import json
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.decisions import margins
from gigawatt.decisions import order_up_to as up

STORED = json.loads((Path(__file__).parents[1] / "reference/planning/closed_forms_misc.json").read_text())


@pytest.mark.parametrize(
    "row", STORED["gbm_order_up_to_ratio"]["rows"], ids=lambda row: str(row["inputs"]["lead_time"])
)
def test_order_up_to_ratio_in_every_field(row):
    p = row["inputs"]
    plan = up.order_up_to(p["mu_log_per_year"], p["sigma"], p["lead_time"], p["r"], p["c"], p["s"])
    law = up.demand_ratio(p["mu_log_per_year"], p["sigma"], p["lead_time"])
    mine = {
        "critical_ratio": plan.fractile,
        "capacity_over_current_demand": plan.ratio,
        "expected_demand_ratio": plan.expected_demand,
        "expected_shortage_ratio": plan.expected_shortage,
        "expected_profit_over_current_demand": plan.expected_profit,
        "service_level_type1": law.cdf(plan.ratio),
        "safety_capacity_over_median": plan.safety,
    }
    for field, value in mine.items():
        np.testing.assert_allclose(value, row[field], rtol=1e-12, err_msg=field)


@pytest.mark.parametrize("row", STORED["gbm_hitting_time"]["rows"], ids=lambda row: str(row["inputs"]["factor"]))
def test_discount_to_the_time_when_demand_has_grown_by_a_factor(row):
    p = row["inputs"]
    hit = up.hitting_time(p["mu"], p["sigma"], p["r"], p["factor"])
    np.testing.assert_allclose(hit.beta, row["beta1"], rtol=1e-12)
    np.testing.assert_allclose(hit.discount, row["E_discount_to_hit_factor"], rtol=1e-12)
    np.testing.assert_allclose(hit.trend, row["trend_log_growth"], rtol=1e-12)
    np.testing.assert_allclose(hit.equivalent_rate, row["equivalent_deterministic_rate_for_trend_growth"], rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 2.0), st.floats(0.01, 0.4), st.floats(0.01, 0.3), st.floats(1.1, 20.0))
def test_random_growth_is_growth_along_its_trend_at_a_smaller_rate(drift, sigma, rate, factor):
    hit = up.hitting_time(drift, sigma, rate, factor)
    np.testing.assert_allclose(hit.discount, np.exp(-hit.equivalent_rate * np.log(factor) / hit.trend), rtol=1e-10)
    assert hit.equivalent_rate < rate
    residual = 0.5 * sigma**2 * hit.beta * (hit.beta - 1.0) + drift * hit.beta - rate
    np.testing.assert_allclose(residual, 0.0, atol=1e-13)


def test_less_uncertainty_brings_the_equivalent_rate_to_the_true_one():
    np.testing.assert_allclose(up.hitting_time(0.5, 1e-6, 0.1, 2.0).equivalent_rate, 0.1, rtol=1e-9)


@pytest.mark.parametrize(
    "row", STORED["lab_pnl_identity"]["cases"], ids=lambda row: f"{row['phi']}-{row['gross_margin']}"
)
def test_profit_identity_in_every_field(row):
    at = row["phi"], row["gross_margin"]
    np.testing.assert_allclose(margins.revenue_per_compute(*at), row["revenue_over_compute"], rtol=1e-12)
    np.testing.assert_allclose(margins.profit_per_compute(*at), row["profit_over_compute"], rtol=1e-12)
    np.testing.assert_allclose(margins.profit_per_revenue(*at), row["profit_over_revenue"], rtol=1e-12)


def test_half_on_customers_breaks_even_at_a_margin_of_one_half():
    assert margins.profit_per_compute(0.5, 0.5) == 0.0
    np.testing.assert_allclose(margins.profit_per_compute(0.5, np.array([0.6, 0.75])), [0.25, 1.0], rtol=1e-12)
    shares = np.linspace(0.1, 1.0, 10)
    np.testing.assert_allclose(margins.profit_per_compute(shares, margins.breakeven_margin(shares)), 0.0, atol=1e-15)


def test_dearer_compute_lowers_the_ratio_and_a_batch_is_one_call():
    ratio = jax.jit(lambda cost: up.order_up_to(1.6, 0.4, 2.0, 3.0, cost, 0.2).ratio)
    assert np.all(np.diff(ratio(np.linspace(0.5, 2.5, 1000))) < 0.0)
    assert jax.grad(ratio)(1.0) < 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: up.order_up_to(1.6, 0.4, -1.0, 3.0, 1.0), "lead_time is -1"),
        (lambda: up.order_up_to(1.6, 0.4, 1.0, 3.0, 1.0, 1.0), "salvage is 1.*no bound"),
        (lambda: up.hitting_time(0.5, 0.3, 0.1, 0.5), "factor is 0.5"),
        (lambda: up.hitting_time(0.5, 0.3, 0.0, 2.0), "rate is 0"),
        (lambda: margins.profit_per_compute(1.2, 0.5), "inference_share is 1.2"),
        (lambda: margins.profit_per_revenue(0.5, 1.0), "gross_margin is 1"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
