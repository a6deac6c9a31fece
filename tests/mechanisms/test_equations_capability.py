"""Benchmarks, horizons and the ladder."""

import jax.numpy as jnp
import pytest

from gigawatt.mechanisms.capability import (
    ladder,
    logistic_benchmark,
    logit_slope,
    time_horizon,
)


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
