"""When waiting is worth more than investing: stored thresholds, and what must hold at any of them."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.decisions import options

PATH = Path(__file__).parents[1] / "reference/planning/real_options_and_finite_horizon.json"
STORED = json.loads(PATH.read_text())


@pytest.mark.parametrize(
    "row", STORED["real_options"], ids=lambda row: f"{row['inputs']['sigma']}-{row['inputs']['lag_years']}"
)
def test_stored_threshold_in_every_field(row):
    p = row["inputs"]
    market, lag = (p["r"], p["delta"], p["sigma"]), p["lag_years"]
    mine = {
        "beta1": options.beta1(p["r"] - p["delta"], p["sigma"], p["r"]),
        "multiple": options.threshold_multiple(*market),
        "threshold_no_lag": options.threshold(p["I"], *market),
        "threshold_with_lag_cost_paid_on_completion": options.threshold(p["I"], *market, lag, "completion"),
        "threshold_with_lag_cost_paid_at_order": options.threshold(p["I"], *market, lag, "order"),
        "option_value_at_V_equals_I": options.option_value(p["I"], p["I"], *market),
    }
    for field, value in mine.items():
        np.testing.assert_allclose(value, row[field], rtol=1e-12, err_msg=field)


@pytest.mark.parametrize("row", STORED["two_period_wait"], ids=lambda row: str(row["inputs"]["I"]))
def test_looking_first_beats_a_good_project_now(row):
    p = row["inputs"]
    choice = options.two_period_wait(p["P0"], p["P_up"], p["P_down"], p["prob_up"], p["I"], p["discount"])
    np.testing.assert_allclose(choice, [row["npv_now"], row["npv_wait"], row["option_value"]], rtol=1e-12)


def test_freedom_to_wait_is_worth_nothing_when_the_price_is_known_and_good():
    choice = options.two_period_wait(200.0, 200.0, 200.0, 0.5, 1600.0, 0.1)
    assert choice.now > choice.wait and choice.option == 0.0


MARKETS = st.tuples(st.floats(0.02, 0.15), st.floats(0.02, 0.15), st.floats(0.05, 1.0), st.floats(0.0, 3.0))
PAID = pytest.mark.parametrize("paid", ["completion", "order"])


@PAID
@settings(max_examples=30, deadline=None)
@given(MARKETS, st.floats(0.1, 3.0))
def test_waiting_is_worth_something_below_the_threshold_and_nothing_from_it_on(paid, market, part):
    *rates, lag = market
    at = options.threshold(2.0, *rates, lag, paid)
    value = part * at
    gain = jnp.exp(-rates[1] * lag) * value - 2.0 * (jnp.exp(-rates[0] * lag) if paid == "completion" else 1.0)
    option = options.option_value(value, 2.0, *rates, lag, paid)
    assert option >= max(float(gain), 0.0) - 1e-9
    if part >= 1.0:
        np.testing.assert_allclose(option, gain, rtol=1e-12)


@PAID
def test_option_meets_the_gain_smoothly_at_the_threshold(paid):
    market = 0.08, 0.06, 0.5, 2.0
    at = options.threshold(1.0, *market, paid)
    slope = jax.grad(lambda value: options.option_value(value, 1.0, *market, paid))
    np.testing.assert_allclose(slope(at * (1 - 1e-12)), np.exp(-0.12), rtol=1e-9)


def test_no_other_threshold_is_worth_more():
    """The option is the best of all rules 'invest when V reaches V*', each worth its gain times E exp(-r tau)."""
    rate, payout, sigma = 0.08, 0.06, 0.5
    tried = jnp.linspace(1.2, 12.0, 2000)
    worth = (tried - 1.0) * tried ** -options.beta1(rate - payout, sigma, rate)
    np.testing.assert_allclose(options.option_value(1.0, 1.0, rate, payout, sigma), worth.max(), rtol=1e-6)
    np.testing.assert_allclose(options.threshold(1.0, rate, payout, sigma), tried[worth.argmax()], rtol=2e-3)


def test_more_uncertainty_raises_the_threshold_without_lag():
    multiple = jax.jit(options.threshold_multiple)(0.08, 0.06, jnp.linspace(0.05, 1.0, 100_000))
    assert jnp.all(jnp.diff(multiple) > 0.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: options.threshold(1.0, 0.08, 0.0, 0.3), "payout is 0"),
        (lambda: options.threshold(1.0, 0.08, 0.04, 0.0), "sigma is 0"),
        (lambda: options.threshold(1.0, 0.08, 0.04, 0.3, -1.0), "lag is -1"),
        (lambda: options.threshold(0.0, 0.08, 0.04, 0.3), "cost is 0"),
        (lambda: options.threshold(1.0, 0.08, 0.04, 0.3, 1.0, "never"), "paid is 'never'"),
        (lambda: options.two_period_wait(200.0, 300.0, 100.0, 1.5, 1600.0, 0.1), "probability_up is 1.5"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
