"""Amdahl's law and algorithmic progress."""

import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.automation import amdahl_share, amdahl_speedup
from gigawatt.mechanisms.efficiency import algorithmic_growth, algorithmic_step


def test_speedup_by_hand():
    assert amdahl_speedup(0.5, 2.0) == pytest.approx(4.0 / 3.0)
    assert amdahl_speedup(0.9, jnp.inf) == pytest.approx(10.0)
    assert amdahl_speedup(0.0, 1e6) == 1.0


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 0.99), st.floats(1.01, 1e9))
def test_share_undoes_speedup(share, local_speed):
    assert amdahl_share(amdahl_speedup(share, local_speed), local_speed) == pytest.approx(share, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 0.99), st.floats(1.0, 1e12))
def test_what_is_not_automated_binds(share, local_speed):
    assert amdahl_speedup(share, local_speed) <= 1.0 / (1.0 - share) * (1 + 1e-12)


def test_growth_at_the_start_is_the_rate():
    assert algorithmic_growth(1.1, 1.0, 1.0, 0.6, 0.8) == pytest.approx(1.1)


def test_effort_must_grow_for_progress_to_last():
    # On a balanced path effort grows at g and the level at r g: growth of the level stays constant.
    g, parallel, returns, t = 0.3, 0.6, 0.8, jnp.linspace(0.0, 20.0, 5)
    growth = algorithmic_growth(returns * g, jnp.exp(g * t), jnp.exp(returns * g * t), parallel, returns)
    assert jnp.allclose(growth, returns * g)
    assert algorithmic_growth(1.0, 1.0, 10.0, parallel, returns) < 1.0


def test_exact_step_agrees_with_many_small_ones_and_composes():
    args = (1.5, 2.0, 0.6, 0.8)  # rate, effort, parallel, returns
    whole = algorithmic_step(1.0, *args, 1.0)
    halves = algorithmic_step(algorithmic_step(1.0, *args, 0.5), *args, 0.5)
    level = jnp.asarray(1.0)
    for _ in range(1000):
        level = level * jnp.exp(algorithmic_growth(1.5, 2.0, level, 0.6, 0.8) / 1000)
    assert halves == pytest.approx(float(whole))
    assert level == pytest.approx(float(whole), rel=1e-3)
