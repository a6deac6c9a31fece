"""Adoption: never ahead of its ceiling, exact over any step."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.diffusion import bass_hazard, bass_step, cleared_gates, diffuse

share = st.floats(0.0, 1.0)


def test_hazard_by_hand():
    assert bass_hazard(0.1, 0.03, 0.4) == pytest.approx(0.07)


def test_diffusion_poles_and_half_life():
    assert diffuse(0.2, 0.6, 0.0, 1.0) == 0.2
    assert diffuse(0.2, 0.6, jnp.inf, 1 / 12) == pytest.approx(0.6)
    assert diffuse(0.2, 0.6, jnp.log(2.0), 1.0) == pytest.approx(0.4)


@settings(max_examples=60, deadline=None)
@given(share, share, st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.floats(1e-3, 10.0))
def test_bass_neither_overshoots_nor_retreats(adopted, ceiling, innovation, imitation, dt):
    later = bass_step(adopted, ceiling, innovation, imitation, dt)
    assert jnp.isfinite(later)
    assert min(adopted, ceiling) - 1e-12 <= later <= ceiling + 1e-12


@settings(max_examples=30, deadline=None)
@given(share, st.floats(0.05, 1.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_two_half_steps_are_one_step(adopted, ceiling, innovation, imitation):
    whole = bass_step(adopted, ceiling, innovation, imitation, 1.0)
    half = bass_step(adopted, ceiling, innovation, imitation, 0.5)
    assert bass_step(half, ceiling, innovation, imitation, 0.5) == pytest.approx(float(whole), abs=1e-12)


def test_bass_solution_of_1969_and_its_limits():
    p, q, t = 0.03, 0.38, 7.0
    decay = jnp.exp(-(p + q) * t)
    assert bass_step(0.0, 1.0, p, q, t) == pytest.approx(float((1 - decay) / (1 + q / p * decay)))
    # without imitation adoption is an exponential approach; without innovation nothing starts from nothing
    assert bass_step(0.1, 0.5, p, 0.0, t) == pytest.approx(float(diffuse(0.1, 0.5, p, t)))
    assert bass_step(0.0, 0.5, 0.0, 1e6, 10.0) == 0.0
    assert bass_step(0.1, 0.5, 0.0, 0.0, t) == pytest.approx(0.1)


def test_bass_has_a_derivative_even_at_the_corners():
    for state in ((0.0, 0.0), (0.0, 0.5), (0.5, 0.5)):
        slopes = jax.jacfwd(bass_step, argnums=(0, 1, 2, 3))(*state, 0.0, 0.0, 1 / 12)
        assert all(jnp.isfinite(s) for s in slopes)


def test_gates_open_in_series_and_take_their_mean_time():
    duration, dt = jnp.asarray([0.5, 0.25, 1.0]), 1 / 48

    def step(cleared, _):
        later = cleared_gates(cleared, duration, dt)
        return later, later

    _, path = jax.lax.scan(step, jnp.zeros(3), length=48 * 30)
    assert jnp.all(jnp.diff(path, axis=1) <= 1e-12)  # nobody passes a gate before the one in front of it
    assert jnp.all(jnp.diff(path, axis=0) >= -1e-12)
    mean_time = (1.0 - path[:, -1]).sum() * dt + 0.5 * dt
    assert mean_time == pytest.approx(1.75, rel=2e-3)


def test_a_gate_without_duration_is_open():
    passed = cleared_gates(jnp.asarray([0.3, 0.1]), jnp.asarray([0.0, 0.0]), 1 / 12)
    assert passed[0] == pytest.approx(1.0)
