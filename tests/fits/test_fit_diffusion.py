"""The Bass law on classic series: fits of others recovered, planted numbers found, forecasts scored."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.mechanisms.adoption import bass, gompertz, logistic
from gigawatt.study.fits import diffusion
from gigawatt.study.fits.diffusion_series import read
from gigawatt.study.fits.growth_curves import CURVES, Prior, Series, grow
from gigawatt.study.fits.hierarchy import hierarchical, published_prior

T = np.arange(1.0, 31.0)
IPHONE, INTERNET = "apple_iphone_units", "world_internet_users_share"


@cache
def classic():
    return diffusion.fit(table("diffusion_classics"), bootstraps=40)


def planted(curve="bass", market=0.8, noise=0.0, cap=1.0, seed=0):
    shape = {"bass": bass(T, 0.01, 0.3), "logistic": logistic(T, 0.3, 12.0), "gompertz": gompertz(T, 0.3, 12.0)}[curve]
    y = market * np.asarray(shape) + noise * np.random.default_rng(seed).standard_normal(len(T))
    return Series(curve, T, np.clip(y, 0.0, cap), 1.0, cap, x=T)


def natural(grown):
    return grown.numbers(grown.theta)


# ---------------------------------------------------------------- published numbers


def test_the_iphone_fit_on_cumulative_sales_is_recovered_to_every_digit_given():
    found = classic()
    assert round(found[f"{IPHONE}_m"].value, 1) == 1823.7
    assert round(found[f"{IPHONE}_p"].value, 6) == 0.001413
    assert round(found[f"{IPHONE}_q"].value, 5) == 0.12587
    (grown,) = grow([read(table("diffusion_classics"))[IPHONE]], bootstraps=2)
    assert round(grown.standard_error()[0]) == 34


def test_the_internet_fit_is_recovered_to_every_digit_given():
    found = classic()
    assert round(found[f"{INTERNET}_m"].value, 2) == 0.62
    assert round(found[f"{INTERNET}_p"].value, 4) == 0.0032
    assert round(found[f"{INTERNET}_q"].value, 3) == 0.184


def test_per_period_the_same_sales_tell_another_market():
    found = diffusion.fit(table("diffusion_classics"), bootstraps=2, objective="period")
    assert found[f"{IPHONE}_m"].value > 1.05 * classic()[f"{IPHONE}_m"].value
    assert "each period" in found.method and found[f"{IPHONE}_m"].published is None


def test_the_prior_has_the_medians_and_quartiles_of_the_published_table():
    prior = published_prior(table("bass_parameters_published"))
    np.testing.assert_allclose(np.exp(prior.mean[1:]), [0.0074, 0.394], rtol=0.01)
    inside = np.array([[float(r[c]) for c in ("p_per_year", "q_per_year")] for r in table("bass_parameters_published")])
    z = np.abs(np.log(inside) - prior.mean[1:]) / prior.sd[1:]
    assert (0.4 <= (z < 0.6745).mean(axis=0)).all() and ((z < 0.6745).mean(axis=0) <= 0.65).all()


# ---------------------------------------------------------------- plant and recover


@pytest.mark.parametrize("curve, numbers", [("bass", (0.8, 0.01, 0.3)), ("logistic", (0.8, 0.3, 12.0)),
                                            ("gompertz", (0.8, 0.3, 12.0))])  # fmt: skip
@pytest.mark.parametrize("objective", ["level", "period"])
def test_planted_numbers_are_found(curve, numbers, objective):
    series = planted(curve)
    if objective == "period":
        before = {"bass": 0.0, "logistic": 0.8 * float(logistic(0.0, 0.3, 12.0)), "gompertz": 0.0}[curve]
        series = replace(series, start=before)
    (grown,) = grow([series], curve, objective, bootstraps=2)
    np.testing.assert_allclose(natural(grown), numbers, rtol=2e-3)


def test_a_series_seen_from_its_middle_is_fitted_from_there():
    late = replace(planted(), t=T[9:] - T[9], y=planted().y[9:], start=float(planted().y[9]), x=T[9:])
    (grown,) = grow([late], bootstraps=2)
    np.testing.assert_allclose(natural(grown), (0.8, 0.01, 0.3), rtol=2e-3)


def test_intervals_of_the_bootstrap_hold_what_was_planted_and_widen_with_noise():
    quiet, loud = (grow([planted(noise=sd)], bootstraps=150)[0] for sd in (0.004, 0.02))
    low, high = np.quantile(loud.numbers(loud.boot), [0.05, 0.95], axis=0)
    assert ((low < (0.8, 0.01, 0.3)) & ((0.8, 0.01, 0.3) < high)).all()
    assert (np.ptp(quiet.numbers(quiet.boot), axis=0) < np.ptp(loud.numbers(loud.boot), axis=0)).all()


def test_persistent_errors_are_seen_as_persistent():
    rng, error = np.random.default_rng(3), np.zeros(60)
    for k in range(1, 60):
        error[k] = 0.8 * error[k - 1] + 0.01 * rng.standard_normal()
    t = np.arange(1.0, 61.0)
    y = np.clip(100 * (np.asarray(bass(t, 0.005, 0.15)) + error), 0, None)
    (grown,) = grow([Series("ar", t, y, 1.0, x=t)], bootstraps=2)
    assert 0.4 < grown.persistence < 0.95


def test_a_firm_prior_is_believed_and_one_that_says_nothing_changes_nothing():
    series, mean = planted(noise=0.01), np.array([0.0, np.log(0.02), np.log(0.2)])
    (plain,) = grow([series], bootstraps=2)
    (firm,) = grow([series], bootstraps=2, priors=[Prior(mean, np.array([np.inf, 1e-3, 1e-3]))])
    (mute,) = grow([series], bootstraps=2, priors=[Prior(mean, np.full(3, np.inf))])
    np.testing.assert_allclose(natural(firm)[1:], (0.02, 0.2), rtol=0.01)
    np.testing.assert_allclose(natural(mute), natural(plain), rtol=1e-4)


# ---------------------------------------------------------------- forecasts and input


def test_a_share_is_never_forecast_beyond_all_and_the_hold_out_is_scored():
    rows = [r for r in table("diffusion_classics") if r["series"] == INTERNET]
    found = diffusion.fit(rows, until="2010-12-31", bootstraps=20, weights=np.ones(6))
    assert found.held is not None and len(found.held.x) == 7 and np.isfinite(found.held.crps).all()
    assert found.held.high.max() <= 1.0 and found.held.coverage() >= 0.5
    low, middle, high = found.predict([2012.0, 2020.0])
    assert (low < middle).all() and (middle < high).all() and high[1] - low[1] > high[0] - low[0]
    with pytest.raises(InputError):
        found.predict([2005.0])


def test_later_rows_change_nothing_of_what_was_known():
    rows = table("diffusion_classics")
    cut = diffusion.fit(rows, until="2012-12-31", bootstraps=2)
    past = diffusion.fit([r for r in rows if r["period_end"] and r["period_end"] <= "2012-12-31"], bootstraps=2)
    assert {e.name: e.value for e in cut.estimates} == pytest.approx({e.name: e.value for e in past.estimates})


def test_the_household_table_is_read_and_fitted_too():
    rows = [r for r in table("us_household_technology") if r["technology"] == "Colour TV"]
    found = diffusion.fit(rows, bootstraps=4, weights=np.ones(6))
    assert found["Colour TV_m"].value == pytest.approx(0.97, abs=0.06) and found.forecast is not None


@pytest.mark.parametrize("change", [
    {"series": "apple_iphone"}, {"until": "1900-01-01"}, {"weights": np.ones(3), "series": IPHONE},
    {"objective": "sales"},
])  # fmt: skip
def test_wrong_words_are_told_in_one_line(change):
    with pytest.raises(InputError) as error:
        diffusion.fit(table("diffusion_classics"), bootstraps=2, **change)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("y", [[0.1, 0.2, 0.3], [0.1] * 6, [0.1, 0.2, np.nan, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4, 1.4]])
def test_series_that_cannot_be_fitted_are_refused_in_one_line(y):
    with pytest.raises(InputError) as error:
        grow([Series("bad", np.arange(float(len(y))), np.array(y), 1.0, 1.0)])
    assert "\n" not in str(error.value)


def test_every_curve_is_a_curve_of_two_numbers():
    assert {len(c.natural) for c in CURVES.values()} == {2}


@pytest.mark.slow
def test_products_together_give_each_its_rates_and_their_spread():
    pytest.importorskip("numpyro")
    some = [replace(planted(noise=0.01), name="a"), replace(planted(noise=0.01, seed=1), name="b")]
    found = hierarchical(some, published_prior(table("bass_parameters_published")), draws=60)
    np.testing.assert_allclose(np.median(found["q"], axis=0), 0.3, rtol=0.15)
    np.testing.assert_allclose(np.median(found["market"], axis=0), 0.8, rtol=0.05)
    assert found["spread"].shape == (60, 2) and (found["spread"] > 0).all()
