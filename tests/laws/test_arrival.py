"""Arrival: laws through quantiles, what cannot be met, and what is the same thing twice."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.mechanisms.arrival import (
    Elicited,
    capped_hazard,
    capped_hazard_density,
    capped_hazard_fit,
    capped_hazard_time,
    constant_hazard,
    constant_hazard_from_median,
    horizon_on_date,
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


def test_the_density_is_the_slope_of_the_chance():
    slope = jax.grad(capped_hazard)(2.5, 0.4, 0.9)
    assert capped_hazard_density(2.5, 0.4, 0.9) == pytest.approx(float(slope), rel=1e-12)


def test_one_statement_below_a_ceiling_gives_a_hazard():
    assert capped_hazard(4.0, constant_hazard(4.0, 0.3, 0.8), 0.8) == pytest.approx(0.3, rel=1e-12)
    assert constant_hazard_from_median(3.0) == pytest.approx(0.2310, abs=5e-5)


def elicited(**values):
    law = Elicited(chance=0.5, hazard=0.39338, ceiling=0.91796, asked=2026.0, short=0.3, **values)
    month = dict(frontier=155.0, prev_frontier=154.0, prev_horizon=10.0, genius_horizon=2000.0, per_point=0.2)
    return lambda year: law(**month, prev_genius=0.0, year=year, dt=1 / 12)


def test_the_median_draw_arrives_after_two_years_and_waits_for_a_further_barrier():
    assert elicited(barrier=0.0)(2027.9).genius == 0.0 and elicited(barrier=0.0)(2028.05).genius == 1.0
    assert elicited(barrier=3.0)(2028.05).genius == 0.0 and elicited(barrier=3.0)(2031.05).genius == 1.0
    assert elicited(barrier=3.0)(2027.0).horizon < elicited(barrier=0.0)(2027.0).horizon


@pytest.mark.parametrize("left", [0.5, 2.0])
def test_a_horizon_led_to_a_date_arrives_there(left):
    horizon, steps = 5.0, round(left * 12)
    for step in range(1, steps + 1):
        horizon = horizon_on_date(horizon, 2000.0, 2027.0 + left, 2027.0 + step / 12, 1 / 12)
    assert horizon == pytest.approx(2000.0, rel=1e-6)
