"""Build-out, orders that fall due, and rationing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.limits import ration
from gigawatt.mechanisms.supply import buildout_path, ramp, ramp_remaining, stock_from_flow, yearly_cost


def test_buildout_and_its_cost_by_hand():
    power = buildout_path(12.5, 3.0, jnp.arange(3.0))
    assert jnp.allclose(power, jnp.asarray([12.5, 37.5, 112.5]))
    assert yearly_cost(10.0, 12.5) == 125.0


def test_additions_pile_up():
    assert stock_from_flow([10.0, 30.0, 100.0]).tolist() == [10.0, 40.0, 140.0]
    assert stock_from_flow([10.0, 30.0], start=5.0).tolist() == [15.0, 45.0]


@settings(max_examples=30, deadline=None)
@given(st.floats(-3.0, 6.0) | st.floats(-1e-4, 1e-4), st.floats(0.1, 6.0))
def test_ramp_integrates_to_what_was_ordered(growth, duration):
    nodes, weights = np.polynomial.legendre.leggauss(60)
    t = 0.5 * duration * (nodes + 1.0)
    total = jnp.sum(0.5 * duration * weights * ramp(7.0, growth, duration, t))
    assert total == pytest.approx(7.0, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.floats(-3.0, 6.0) | st.floats(-1e-4, 1e-4), st.floats(0.1, 6.0))
def test_months_of_the_ramp_lose_nothing(growth, duration):
    edges = jnp.linspace(0.0, duration, 13)
    remaining = ramp_remaining(7.0, growth, duration, edges)
    assert remaining[0] == pytest.approx(7.0)
    assert remaining[-1] == 0.0
    assert jnp.all(jnp.diff(remaining) <= 0.0)


def test_ramp_is_the_slope_of_what_remains():
    t = jnp.asarray([0.2, 1.0, 1.9])
    slope = jax.vmap(jax.grad(lambda s: ramp_remaining(7.0, 1.1, 2.0, s)))(t)
    assert jnp.allclose(-slope, ramp(7.0, 1.1, 2.0, t))


def test_ramp_shape():
    assert ramp(6.0, 0.0, 3.0, 1.7) == pytest.approx(2.0)  # uniform without growth
    assert ramp(6.0, 0.7, 3.0, 2.0) / ramp(6.0, 0.7, 3.0, 1.0) == pytest.approx(float(jnp.exp(0.7)))
    assert ramp(6.0, 0.7, 3.0, -0.1) == ramp(6.0, 0.7, 3.0, 3.1) == 0.0
    assert jnp.isfinite(ramp(6.0, 500.0, 3.0, 3.0))
    assert jnp.isfinite(jax.grad(ramp, argnums=1)(6.0, 0.0, 3.0, 1.0))


def test_ration_cuts_all_alike_and_only_when_needed():
    assert jnp.allclose(ration(jnp.asarray([1.0, 3.0]), 2.0), jnp.asarray([0.5, 1.5]))
    assert ration(jnp.asarray([1.0, 3.0]), 9.0).tolist() == [1.0, 3.0]
    assert ration(jnp.zeros(2), 0.0).tolist() == [0.0, 0.0]
    batch = ration(jnp.asarray([[1.0, 3.0], [1.0, 1.0]]), jnp.asarray([2.0, jnp.inf]))
    assert jnp.allclose(batch.sum(axis=-1), 2.0)
