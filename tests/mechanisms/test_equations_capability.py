"""Arrival, benchmarks, horizons and the ladder."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.capability import (
    capped_hazard,
    capped_hazard_fit,
    capped_hazard_time,
    constant_hazard_from_median,
    ladder,
    logistic_benchmark,
    logit_slope,
    time_horizon,
)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.02, 3.0), st.floats(0.3, 1.0), st.floats(0.2, 5.0), st.floats(1.5, 8.0))
def test_fit_recovers_what_was_planted(hazard, ceiling, t1, ratio):
    t2 = ratio * t1
    if hazard * t1 > 8.0:  # both quantiles then sit on the ceiling and say nothing about the hazard
        return
    p1, p2 = (float(capped_hazard(t, hazard, ceiling)) for t in (t1, t2))
    found, cap = capped_hazard_fit(t1, p1, t2, p2)
    assert capped_hazard(t1, found, cap) == pytest.approx(p1, rel=1e-10)
    assert capped_hazard(t2, found, cap) == pytest.approx(p2, rel=1e-9)
    assert found == pytest.approx(hazard, rel=1e-5)
    assert cap == pytest.approx(ceiling, rel=1e-5)


def test_fit_is_traced_batched_and_differentiable():
    fit = jax.jit(capped_hazard_fit)
    hazard, ceiling = fit(jnp.asarray([1.0, 2.0]), 0.5, 10.0, 0.9)
    assert jnp.allclose(hazard, jnp.asarray([0.81055, 0.39338]), atol=1e-5)
    assert jnp.allclose(ceiling, jnp.asarray([0.90027, 0.91796]), atol=1e-5)
    by_hand = (capped_hazard_fit(2.0, 0.5, 10.0, 0.901)[0] - capped_hazard_fit(2.0, 0.5, 10.0, 0.899)[0]) / 2e-3
    slope = jax.grad(lambda p2: capped_hazard_fit(2.0, 0.5, 10.0, p2)[0])(0.9)
    assert slope == pytest.approx(float(by_hand), rel=1e-4)


def test_quantiles_that_no_falling_hazard_can_meet_give_no_answer():
    assert jnp.isnan(capped_hazard_fit(2.0, 0.1, 4.0, 0.9)[0])  # nine times the chance in twice the time
    assert jnp.isnan(capped_hazard_fit(2.0, 0.5, 4.0, 0.4)[0])  # chance that falls


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 30.0), st.floats(0.01, 1.0), st.floats(0.1, 1.0))
def test_time_undoes_chance(t, hazard, ceiling):
    back = capped_hazard_time(capped_hazard(t, hazard, ceiling), hazard, ceiling)
    assert back == pytest.approx(t, abs=1e-6) or hazard * t > 20.0  # there the ceiling hides the date


def test_above_the_ceiling_is_never():
    times = capped_hazard_time(jnp.asarray([0.5, 0.9, 0.95]), 0.4, 0.9)
    assert jnp.isfinite(times[0]) and jnp.all(jnp.isinf(times[1:]))
    assert jnp.isfinite(jax.grad(lambda c: jnp.where(c < 0.9, capped_hazard_time(c, 0.4, 0.9), 0.0))(0.95))


def test_half_have_seen_it_by_the_median():
    assert capped_hazard(3.0, constant_hazard_from_median(3.0), 1.0) == pytest.approx(0.5)


def test_benchmark_passes_both_readings_and_saturates():
    curve = lambda t: logistic_benchmark(t, 1.0, 0.2, 3.0, 0.6)  # noqa: E731
    assert curve(1.0) == pytest.approx(0.2)
    assert curve(3.0) == pytest.approx(0.6)
    assert 0.9999 < curve(30.0) <= 1.0
    # from 1/5 to 3/5: odds rise sixfold in two years
    assert logit_slope(1.0, 0.2, 3.0, 0.6) == pytest.approx(float(jnp.log(6.0)) / 2.0)


def test_horizon_doubles_per_point_and_ladder_is_linear_between_rungs():
    assert time_horizon(153.0, 150.0, 0.5, 1.0) == pytest.approx(4.0)
    levels = ladder(jnp.asarray([0.0, 10.0, 15.0, 20.0, 35.0, 99.0]), (10.0, 20.0, 40.0))
    assert jnp.allclose(levels, jnp.asarray([0.0, 0.0, 0.5, 1.0, 1.75, 2.0]))
