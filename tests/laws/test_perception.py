"""What shows of an exponential, and when the public notices."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.perception import Awareness, follow, noticed, visible_share
from gigawatt.study.cases.learning import awareness_before


def test_visible_share_halves_with_each_doubling_still_to_come():
    assert visible_share(jnp.asarray([0.0, 0.5, 2.0]), 0.5).tolist() == [1.0, 0.5, 0.0625]


def test_nothing_is_noticed_below_the_threshold_and_all_at_the_end():
    assert noticed(jnp.asarray([0.0, 0.05, 0.1, 0.55, 1.0]), 0.1) == pytest.approx([0.0, 0.0, 0.0, 0.5, 1.0])


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 5), st.floats(0.01, 3))
def test_two_steps_of_belief_make_one(belief, state, lag, dt):
    twice = follow(follow(belief, state, lag, dt), state, lag, dt)
    assert float(twice) == pytest.approx(float(follow(belief, state, lag, 2 * dt)), abs=1e-12)
    assert min(belief, state) - 1e-12 <= float(twice) <= max(belief, state) + 1e-12


def test_belief_about_an_exponential_lags_by_the_textbook_factor():
    growth, lag, step = jnp.log(2.0) / 0.5, 1.0, 1 / 480
    belief = 0.0
    for k in range(480 * 4):
        belief = follow(belief, jnp.exp(growth * step * (k + 1)), lag, step)
    assert float(belief / jnp.exp(growth * 4.0)) == pytest.approx(float(1 / (1 + growth * lag)), rel=0.01)


@pytest.mark.parametrize("doubling", [0.25, 0.5, 0.58])
def test_the_public_is_all_but_unaware_one_to_two_years_before(doubling):
    leads, visible, awareness = awareness_before(doubling)
    early = (leads >= 1.0 - 1e-9) & (leads <= 2.0 + 1e-9)
    assert float(jnp.max(awareness[early])) < 0.1
    assert bool(jnp.all(jnp.diff(awareness) >= 0.0))
    assert float(visible[-1] - awareness[-1]) > 0.3


def test_slow_growth_is_seen_coming():
    leads, _, awareness = awareness_before(3.0, years=30.0)
    assert float(awareness[jnp.argmin(jnp.abs(leads - 1.0))]) > 0.5


def test_a_longer_lag_and_a_higher_threshold_both_lower_awareness():
    def after_half_a_year(**values):
        public = Awareness(**values)
        return float(
            public(horizon=500.0, genius_horizon=1000.0, prev_horizon=500.0, prev_awareness=0.0, dt=0.5).awareness
        )

    assert after_half_a_year(lag=2.0) < after_half_a_year(lag=1.0) < after_half_a_year(lag=1.0, threshold=0.02)


def test_awareness_has_a_derivative_in_the_lag():
    slope = jax.grad(lambda lag: follow(0.0, noticed(0.5, 0.1), lag, 0.5))(1.0)
    assert bool(jnp.isfinite(slope)) and float(slope) < 0.0
