"""Output, doubling times and ceilings."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.growth import adjust, ces_gain, doubling_time, years_until_ceiling

share, faster = st.floats(0.0, 0.95), st.floats(1.0, 1e3)


@settings(max_examples=40, deadline=None)
@given(share, faster)
def test_half_elasticity_is_amdahl(x, k):
    assert ces_gain(x, k, 0.5) == pytest.approx(1.0 / ((1.0 - x) + x / k))


@settings(max_examples=40, deadline=None)
@given(share, faster)
def test_unit_elasticity_is_cobb_douglas_from_both_sides(x, k):
    assert ces_gain(x, k, 1.0) == pytest.approx(k**x)
    for near in (1.0 - 1e-7, 1.0 + 1e-7):
        assert ces_gain(x, k, near) == pytest.approx(k**x, rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(share, faster, st.floats(0.2, 2.0))
def test_slow_tasks_bind_more_when_they_are_hard_to_replace(x, k, s):
    assert ces_gain(x, k, s) <= ces_gain(x, k, 1.1 * s) * (1 + 1e-9)
    assert 1.0 - 1e-12 <= ces_gain(x, k, s)


def test_perfect_substitutes_add_and_derivatives_exist_at_one():
    assert ces_gain(0.25, 5.0, jnp.inf) == pytest.approx(0.75 + 1.25)
    assert all(jnp.isfinite(d) for d in jax.jacfwd(ces_gain, argnums=(0, 1, 2))(0.3, 10.0, 1.0))


def test_doubling_time_doubles():
    assert 1.1 ** doubling_time(0.1) == pytest.approx(2.0)
    assert doubling_time(1.0) == pytest.approx(1.0)


def test_ceiling_that_grows_as_fast_is_never_reached():
    assert years_until_ceiling(1.0, 2.0, 8.0) == pytest.approx(3.0)
    assert years_until_ceiling(1.0, 4.0, 8.0, 2.0) == pytest.approx(3.0)
    assert jnp.isinf(years_until_ceiling(1.0, 2.0, 8.0, 2.0))


def test_adjustment_closes_the_log_gap():
    assert adjust(1.0, 16.0, jnp.log(2.0), 1.0) == pytest.approx(4.0)  # half of four doublings
    assert adjust(adjust(1.0, 9.0, 0.7, 0.5), 9.0, 0.7, 0.5) == pytest.approx(float(adjust(1.0, 9.0, 0.7, 1.0)))
    assert adjust(3.0, 9.0, 0.0, 1.0) == 3.0
