"""Elicitation: laws pass through what is stated, and pools keep what each of them promises."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gigawatt.mechanisms import elicitation as e

TIMES, CHANCES = jnp.asarray([1.0, 2.0, 5.0, 10.0]), jnp.asarray([0.3, 0.5, 0.75, 0.9])
TWO = jnp.asarray([0, 3])
FITS = {
    "lognormal": (e.lognormal_fit, e.lognormal_cdf, e.lognormal_time, e.lognormal_density),
    "weibull": (e.weibull_fit, e.weibull_cdf, e.weibull_time, e.weibull_density),
}


@pytest.mark.parametrize("name", FITS)
@settings(max_examples=25, deadline=None)
@given(
    t1=st.floats(0.2, 5.0),
    ratio=st.floats(1.3, 10.0),
    p1=st.floats(0.05, 0.5),
    up=st.floats(0.05, 0.4),
    room=st.floats(0.01, 0.1),
)
def test_two_statements_are_met_exactly_and_read_back(name, t1, ratio, p1, up, room):
    fit, cdf, time, _ = FITS[name]
    times, chances, ceiling = jnp.asarray([t1, ratio * t1]), jnp.asarray([p1, p1 + up]), min(p1 + up + room, 1.0)
    law = fit(times, chances, ceiling)
    assert jnp.allclose(cdf(times, *law, ceiling), chances, rtol=1e-9)
    assert jnp.allclose(time(chances, *law, ceiling), times, rtol=1e-8)
    assert jnp.isinf(time(ceiling, *law, ceiling))


@pytest.mark.parametrize("name", FITS)
def test_planted_parameters_come_back_from_many_statements(name):
    fit, cdf, *_ = FITS[name]
    assert np.allclose(fit(TIMES, cdf(TIMES, 3.0, 0.8, 0.95), 0.95), (3.0, 0.8), rtol=1e-9)


def test_cdfs_agree_with_scipy():
    assert jnp.allclose(e.lognormal_cdf(TIMES, 3.0, 0.8), stats.lognorm.cdf(TIMES, 0.8, scale=3.0))
    assert jnp.allclose(e.weibull_cdf(TIMES, 3.0, 0.8), stats.weibull_min.cdf(TIMES, 0.8, scale=3.0))


@pytest.mark.parametrize("name", FITS)
def test_densities_are_slopes_and_fits_are_batched(name):
    fit, cdf, _, density = FITS[name]
    assert density(2.5, 3.0, 0.8, 0.9) == pytest.approx(float(jax.grad(cdf)(2.5, 3.0, 0.8, 0.9)), rel=1e-10)
    both = jax.jit(fit)(jnp.stack([TIMES, 2.0 * TIMES]), jnp.stack([CHANCES, CHANCES]), jnp.asarray([0.95, 0.95]))
    assert jnp.allclose(both[0][1], 2.0 * both[0][0]) and jnp.allclose(both[1][1], both[1][0])


@pytest.mark.parametrize("name", FITS)
def test_chances_that_fall_have_no_law(name):
    assert all(jnp.isnan(p) for p in FITS[name][0](jnp.asarray([1.0, 2.0]), jnp.asarray([0.5, 0.3])))


def test_a_weibull_of_shape_one_has_a_constant_hazard_and_a_greater_shape_a_rising_one():
    t = jnp.asarray([1.0, 4.0])
    flat = e.hazard(e.weibull_density(t, 2.0, 1.0), e.weibull_cdf(t, 2.0, 1.0))
    assert jnp.allclose(flat, 0.5)
    rising = e.hazard(e.weibull_density(t, 2.0, 2.0), e.weibull_cdf(t, 2.0, 2.0))
    assert rising[1] == pytest.approx(4.0 * float(rising[0]))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_metalog_of_n_terms_meets_n_statements_and_undoes_itself(n):
    times, chances = TIMES[:n], CHANCES[:n]
    law = e.metalog_fit(times, chances, 0.95)
    assert e.metalog_feasible(law)
    assert jnp.allclose(e.metalog_time(chances, law, 0.95), times, rtol=1e-9)
    assert jnp.allclose(e.metalog_cdf(times, law, 0.95), chances, rtol=1e-9)
    slope = jax.grad(lambda t: e.metalog_cdf(t, law, 0.95))(3.0)
    assert e.metalog_density(3.0, law, 0.95) == pytest.approx(float(slope), rel=1e-9)


def test_a_metalog_of_two_terms_is_the_log_logistic():
    law = e.metalog_fit(TIMES[TWO], CHANCES[TWO])
    fisk = stats.fisk(1.0 / float(law[1]), scale=float(jnp.exp(law[0])))
    assert jnp.allclose(e.metalog_cdf(TIMES, law), fisk.cdf(TIMES), rtol=1e-9)


def test_terms_follow_keelin():
    y = 0.8
    odds, centred = np.log(4.0), 0.3
    expected = [1.0, odds, centred * odds, centred, centred**2, centred**2 * odds, centred**3]
    assert np.allclose(e.metalog_terms(jnp.asarray(y), 7), expected)


def test_statements_that_bend_too_sharply_make_no_metalog():
    law = e.metalog_fit(jnp.asarray([1.0, 1.1, 10.0]), jnp.asarray([0.1, 0.5, 0.6]))
    assert not e.metalog_feasible(law)


def test_the_metalog_carries_slopes_in_what_was_stated():
    chance = lambda p: e.metalog_cdf(3.0, e.metalog_fit(TIMES, CHANCES.at[1].set(p), 0.95), 0.95)  # noqa: E731
    by_hand = (chance(0.5 + 1e-5) - chance(0.5 - 1e-5)) / 2e-5
    assert jax.grad(chance)(0.5) == pytest.approx(float(by_hand), rel=1e-5)


PEOPLE = st.lists(st.floats(0.01, 0.99), min_size=2, max_size=5)


@settings(max_examples=50, deadline=None)
@given(PEOPLE)
def test_pools_lie_between_people_and_keep_agreement(chances):
    for pool in (e.linear_pool, e.odds_pool):
        assert min(chances) - 1e-12 <= pool(chances) <= max(chances) + 1e-12
        assert pool([chances[0]] * 3) == pytest.approx(chances[0])


def test_worked_pools():
    assert e.linear_pool([0.2, 0.8], [1.0, 3.0]) == pytest.approx(0.65)
    # odds 1/4 and 1/9: geometric mean 1/6
    assert e.odds_pool([0.2, 0.1]) == pytest.approx(1.0 / 7.0)
    assert e.odds_pool([0.2, 0.1], extremising=2.0) == pytest.approx(1.0 / 37.0)
    assert e.odds_pool([1.0 - 1e-16, 0.5]) > 0.9999  # one person's certainty decides


def test_odds_of_an_event_pool_as_its_two_masses_do():
    p = np.array([0.2, 0.7, 0.9])
    masses = e.logarithmic_pool(np.stack([p, 1.0 - p], axis=-1), [2.0, 1.0, 1.0])
    assert masses[0] == pytest.approx(float(e.odds_pool(p, [2.0, 1.0, 1.0])))
    assert e.logarithmic_pool([[0.0, 1.0], [0.5, 0.5]])[0] == 0.0  # a veto


def test_averaged_dates_are_sharper_than_averaged_chances():
    """Lichtendahl et al. (2013): two normals five apart; the mean of quantiles keeps their width."""
    y = jnp.linspace(0.01, 0.99, 99)
    dates = e.quantile_average(jnp.stack([stats.norm.ppf(y), 5.0 + stats.norm.ppf(y)]))
    assert jnp.allclose(dates, 2.5 + stats.norm.ppf(y))
    assert e.linear_pool([stats.norm.cdf(0.5), stats.norm.cdf(-4.5)]) > float(stats.norm.cdf(0.5 - 2.5))
    assert jnp.isinf(e.quantile_average([3.0, jnp.inf]))
