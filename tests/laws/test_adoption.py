"""The curves by which new things spread: worked values, limits, and the differential equations that they solve."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar

import gigawatt  # noqa: F401
from gigawatt.mechanisms import adoption, diffusion

P, Q = 0.03, 0.38  # the averages of Sultan, Farley & Lehmann (1990)
rates = st.floats(1e-5, 0.2), st.floats(1e-5, 2.0)


def test_bass_solves_its_differential_equation():
    t = np.linspace(0.0, 25.0, 26)
    path = solve_ivp(lambda _, f: (P + Q * f) * (1 - f), (0, 25), [0.0], t_eval=t, rtol=1e-10, atol=1e-12).y[0]
    np.testing.assert_allclose(adoption.bass(t, P, Q), path, atol=1e-8)
    np.testing.assert_allclose(jax.vmap(jax.grad(adoption.bass), (0, None, None))(t[1:], P, Q),
                               adoption.bass_rate(t[1:], P, Q), rtol=1e-9)  # fmt: skip


def test_the_peak_of_bass_is_where_and_as_high_as_the_paper_says():
    top = minimize_scalar(lambda t: -float(adoption.bass_rate(t, P, Q)), bounds=(0, 30), method="bounded")
    assert adoption.bass_peak_time(P, Q) == pytest.approx(top.x, abs=1e-4)
    assert adoption.bass_peak_rate(P, Q) == pytest.approx(-top.fun)
    assert adoption.bass(adoption.bass_peak_time(P, Q), P, Q) == pytest.approx(0.5 - P / (2 * Q))


def test_without_enough_imitation_sales_are_highest_at_launch():
    assert adoption.bass_peak_time(0.3, 0.1) == 0.0
    assert adoption.bass_peak_rate(0.3, 0.1) == pytest.approx(adoption.bass_rate(0.0, 0.3, 0.1)) == pytest.approx(0.3)


def test_bass_without_imitation_is_exponential_and_without_either_stands_still():
    assert adoption.bass(3.0, 0.2, 0.0) == pytest.approx(1 - np.exp(-0.6))
    assert adoption.bass(3.0, 0.0, 0.0) == 0.0 and adoption.bass(3.0, 0.0, 0.5) == 0.0
    assert adoption.bass_after(0.2, 3.0, 0.0, 0.0) == pytest.approx(0.2)


def test_bass_without_innovation_is_logistic_from_where_it_stands():
    t = np.linspace(0.0, 20.0, 9)
    half = np.log(99.0) / 0.5
    np.testing.assert_allclose(adoption.bass_after(0.01, t, 0.0, 0.5), adoption.logistic(t, 0.5, half), rtol=1e-12)


def test_nobody_adopts_before_launch_and_slopes_stay_finite_there():
    assert adoption.bass(-2.0, P, Q) == 0.0 and adoption.bass_rate(-2.0, P, Q) == 0.0
    for p, q in ((0.0, 0.0), (0.0, 0.4), (P, Q)):
        assert np.isfinite(jax.grad(adoption.bass, (0, 1, 2))(1.0, p, q)).all()


@given(*rates, st.floats(0.001, 0.999))
def test_the_time_of_a_share_inverts_the_law(p, q, share):
    assert adoption.bass(adoption.bass_time(share, p, q), p, q) == pytest.approx(share, rel=1e-6, abs=1e-9)


@given(*rates, st.floats(0.0, 1.0), st.floats(0.0, 30.0), st.floats(0.0, 30.0))
def test_adoption_in_two_steps_is_adoption_in_one_and_never_leaves_the_market(p, q, start, first, second):
    once = float(adoption.bass_after(start, first + second, p, q))
    twice = float(adoption.bass_after(adoption.bass_after(start, first, p, q), second, p, q))
    assert once == pytest.approx(twice, abs=1e-9)
    assert start - 1e-12 <= once <= 1.0 + 1e-12


@pytest.mark.parametrize("curve, rise", [
    (lambda t: adoption.bass(t, P, Q), adoption.bass_rise(P, Q)),
    (lambda t: adoption.logistic(t, 0.4, 12.0), adoption.logistic_rise(0.4)),
    (lambda t: adoption.gompertz(t, 0.2, 9.0), adoption.gompertz_rise(0.2)),
], ids=["bass", "logistic", "gompertz"])  # fmt: skip
def test_the_rise_is_the_time_from_ten_to_ninety_per_cent(curve, rise):
    t = np.linspace(0.0, 60.0, 60_001)
    at = np.interp([0.1, 0.9], curve(t), t)
    assert rise == pytest.approx(at[1] - at[0], abs=2e-3)


def test_gompertz_is_steepest_at_one_over_e_and_logistic_at_one_half():
    t = np.linspace(-20.0, 40.0, 60_001)
    for curve, share in ((adoption.gompertz, np.exp(-1.0)), (adoption.logistic, 0.5)):
        level = np.asarray(curve(t, 0.3, 5.0))
        assert level[np.argmax(np.diff(level))] == pytest.approx(share, abs=1e-3)


def test_the_discrete_law_is_the_quadratic_that_bass_estimated():
    sold, market = np.array([0.0, 20.0, 60.0]), 100.0
    sales = adoption.bass_sales(sold, market, P, Q)
    np.testing.assert_allclose(sales, P * market + (Q - P) * sold - Q / market * sold**2)
    found = adoption.bass_from_quadratic(*np.polyfit(sold, sales, 2)[::-1])
    np.testing.assert_allclose(found, (market, P, Q))
    fine = adoption.per_period(market * adoption.bass(np.array([0.01, 0.02]), P, Q))
    np.testing.assert_allclose(fine[1], 0.01 * adoption.bass_sales(fine[0], market, P, Q), rtol=0.01)


def test_sales_per_period_add_up_to_adoption():
    total = adoption.bass(np.arange(1.0, 20.0), P, Q)
    np.testing.assert_allclose(np.cumsum(adoption.per_period(total)), total)
    assert adoption.per_period(jnp.array([5.0, 7.0]), before=4.0).tolist() == [1.0, 2.0]


def test_constant_prices_of_any_height_leave_the_bass_law_and_falling_ones_hasten_it():
    t = jnp.arange(0.0, 15.0)
    for price in (1.0, 50.0):
        effort = adoption.cumulative_effort(t, price * jnp.ones(15), -1.5)
        np.testing.assert_allclose(adoption.generalised_bass(effort, P, Q), adoption.bass(t, P, Q))
    falling = adoption.cumulative_effort(t, 0.9**t, -1.5)
    # A price that falls at a constant rate only speeds the clock: Bass, Krishnan & Jain (1994).
    np.testing.assert_allclose(falling, t * (1 - 1.5 * np.log(0.9)))


def test_effort_is_the_integral_of_marketing_and_forgets_advertising_cuts():
    t = jnp.array([0.0, 1.0, 2.0, 3.0])
    effort = adoption.cumulative_effort(t, jnp.ones(4), -1.0, jnp.array([1.0, 2.0, 1.0, 3.0]), 0.5)
    np.testing.assert_allclose(effort, t + 0.5 * np.array([0, np.log(2), np.log(2), np.log(2) + np.log(3)]))


def test_generations_share_one_growing_market():
    t, launch, market = jnp.linspace(0.0, 60.0, 121), [0.0, 8.0, 16.0], [100.0, 150.0, 60.0]
    in_use = adoption.norton_bass(t, launch, market, P, Q)
    assert in_use.shape == (121, 3) and (in_use >= 0).all()
    np.testing.assert_allclose(in_use[t < 8.0, 0], 100 * adoption.bass(t[t < 8.0], P, Q))
    np.testing.assert_allclose(in_use[t < 8.0, 1:], 0.0)
    assert float(in_use[-1, 2]) == pytest.approx(310.0, rel=1e-6)  # the last one wins all
    assert in_use[-1, :2].max() < 1e-3


def test_two_generations_are_the_equations_of_the_paper():
    t = jnp.linspace(0.0, 30.0, 7)
    one, two = adoption.bass(t, P, Q), adoption.bass(t - 5.0, 0.01, 0.6)
    found = adoption.norton_bass(t, [0.0, 5.0], [100.0, 40.0], jnp.array([P, 0.01]), jnp.array([Q, 0.6]))
    np.testing.assert_allclose(found, np.stack([100 * one * (1 - two), two * (40 + 100 * one)], -1))


def test_one_generation_is_bass():
    t = jnp.linspace(0.0, 30.0, 7)
    np.testing.assert_allclose(adoption.norton_bass(t, [0.0], [7.0], P, Q)[:, 0], 7 * adoption.bass(t, P, Q))


def test_under_a_ceiling_that_stands_still_adoption_is_bass():
    steps = jnp.full(60, 0.8)
    np.testing.assert_allclose(
        adoption.under_ceiling(steps, P, Q, 0.25)[3::4], 0.8 * adoption.bass(np.arange(1.0, 16.0), P, Q)
    )


def test_adoption_never_leads_a_ceiling_that_moves_and_each_step_is_that_of_the_month():
    path = jnp.array([[0.1, 0.3, 0.6, 0.2, 0.0, 0.5], [0.1] * 6])
    found = adoption.under_ceiling(path, 0.2, 3.0, 0.5, start=0.05)
    assert found.shape == path.shape and (found <= path + 1e-12).all()
    before = jnp.full(2, 0.05)
    for k in range(6):
        before = diffusion.bass_step(before, path[:, k], 0.2, 3.0, 0.5)
        np.testing.assert_allclose(found[:, k], before, atol=1e-9)
