"""Reinforcement learning that saturates: the published law, where it parts from the log-linear one, and the score."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.entry import entries
from gigawatt.core.world import swapped
from gigawatt.mechanisms import reinforcement as rl
from gigawatt.mechanisms.scaling import Score

SCALERL = {"start": 0.0, "ceiling": 0.610, "midpoint": 2542.0, "exponent": 1.92}  # Khatri et al. (2025), table 1


def test_half_of_the_gain_is_had_at_the_midpoint_and_all_of_it_in_the_end():
    law = SCALERL | {"start": 0.1}
    assert rl.saturating_reward(2542.0, **law) == pytest.approx(0.5 * (0.1 + 0.610))
    assert rl.saturating_reward(1e12, **law) == pytest.approx(0.610)
    assert rl.saturating_reward(0.0, **law) == 0.1


def test_the_sigmoid_is_the_published_equation():
    compute = np.array([1e3, 1e4, 1e5])
    published = 0.610 / (1.0 + (2542.0 / compute) ** 1.92)
    assert rl.saturating_reward(compute, **SCALERL) == pytest.approx(published)


def test_no_compute_has_a_derivative_too():
    assert np.isfinite(jax.grad(rl.saturating_reward)(0.0, **SCALERL))


def test_the_slope_is_the_derivative_and_greatest_at_the_midpoint():
    slope = jax.grad(rl.saturating_reward)(4000.0, **SCALERL) * 4000.0
    assert rl.saturating_slope(4000.0, **SCALERL) == pytest.approx(float(slope))
    assert rl.saturating_slope(2542.0, **SCALERL) == pytest.approx(0.610 * 1.92 / 4.0)
    over = 2542.0 * np.geomspace(0.01, 100.0, 41)
    assert np.argmax(rl.saturating_slope(over, **SCALERL)) == 20


def test_the_headline_run_gains_little_from_a_tenfold_beyond_its_hundred_thousand_hours():
    assert rl.tenfold_gain(1e5, **SCALERL) < 0.001
    assert rl.tenfold_gain(1e3, **SCALERL) > 0.4


@given(st.floats(0.02, 0.98), st.floats(0.3, 3.0), st.floats(0.02, 0.5))
@settings(max_examples=30, deadline=None)
def test_the_two_laws_part_where_they_are_said_to(done, exponent, shortfall):
    here = (done / (1.0 - done)) ** (1.0 / exponent)  # in midpoints
    law = (0.0, 1.0, 1.0, exponent)
    ratio = rl.parting_ratio(done, exponent, shortfall)
    gained = rl.saturating_reward(here * ratio, *law) - done
    log_linear = rl.saturating_slope(here, *law) * jnp.log(ratio)
    assert gained == pytest.approx(float((1.0 - shortfall) * log_linear), rel=1e-6)
    beyond = rl.saturating_reward(1.5 * here * ratio, *law) - done
    assert beyond < (1.0 - shortfall) * rl.saturating_slope(here, *law) * jnp.log(1.5 * ratio)


def test_the_further_one_has_come_the_sooner_the_laws_part():
    ratio = rl.parting_ratio(jnp.array([0.1, 0.3, 0.5, 0.7, 0.9]), 1.0)
    assert (np.diff(ratio) < 0).all() and ratio[-1] > 1.0
    near = float(rl.parting_ratio(0.3001, 1.0) - rl.parting_ratio(0.2999, 1.0)) / 2e-4
    assert jax.grad(rl.parting_ratio)(0.3, 1.0) == pytest.approx(near, rel=1e-4)


# ---------------------------------------------------------------- in the month


def step(score, now, before):
    inputs = {"effective_training": jnp.array([now]), "prev_effective_training": jnp.array([before])}
    return float(score(**inputs, prev_capability=jnp.array([150.0])).frontier) - 150.0


def test_it_takes_the_place_of_the_log_linear_score():
    assert swapped((Score(),), (rl.SaturatingScore,)) == (rl.SaturatingScore,)


def test_it_starts_with_the_slope_of_the_log_linear_score():
    frontier = 500.0  # 1e24 FLOP: the largest run of 2025
    small = 1.001
    both = [step(law, small * frontier, frontier) / np.log(small) for law in (Score(), rl.SaturatingScore())]
    assert both[1] == pytest.approx(both[0], rel=0.05)


def test_what_reinforcement_adds_is_bounded_while_pre_training_goes_on():
    score = rl.SaturatingScore()
    total = step(score, 5e12, 500.0)
    by_pretraining = float(score.per_log_pretraining) * np.log(1e10)
    assert 0.0 < total - by_pretraining < float(score.rl_gain)
    assert step(score, 500.0, 500.0) == 0.0


def test_shared_numbers_are_those_of_the_log_linear_score():
    for name in ("per_log_pretraining", "rl_share"):
        mine, theirs = entries()[f"saturating_score.{name}"], entries()[f"score.{name}"]
        assert (mine.value, mine.low, mine.high) == (theirs.value, theirs.low, theirs.high)
