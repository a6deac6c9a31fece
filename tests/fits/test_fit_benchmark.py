"""Curves of benchmarks: planted curves come back, bounds hold, and the index predicts scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.mechanisms.capability import logistic_benchmark
from gigawatt.study.fits import benchmark as law
from gigawatt.study.fits.logistic import Curve, Prior, curve, date_of, fit_curve

ROWS = table(law.DATA)


@pytest.fixture(scope="module")
def found():
    return law.fit(ROWS, bootstraps=150)


def planted(rate, middle, ceiling=0.95, floor=0.0, n=12, noise=0.0, seed=0):
    x = np.linspace(middle - 2.0, middle + 2.0, n)
    y = floor + (ceiling - floor) * expit(rate * (x - middle))
    return x, y + noise * np.random.default_rng(seed).standard_normal(n)


# ---------------------------------------------------------------- the curve


def test_between_zero_and_one_the_curve_is_the_line_in_logits_of_the_month():
    x = np.linspace(2020.0, 2030.0, 9)
    at = np.array([np.log(1.5), 2025.0, -40.0])
    ends = curve(np.array([2024.0, 2026.0]), at, 0.0)
    np.testing.assert_allclose(curve(x, at, 0.0), logistic_benchmark(x, 2024.0, ends[0], 2026.0, ends[1]), rtol=1e-9)


@given(st.floats(0.3, 6.0), st.floats(2020.0, 2030.0), st.floats(0.7, 0.999), st.floats(0.0, 0.3), st.floats(0.5, 0.99))
def test_the_date_of_a_threshold_is_where_the_curve_has_that_share_of_its_ceiling(rate, middle, ceiling, floor, share):
    at = np.array([np.log(rate), middle, logit(1.0 - ceiling)])
    date = date_of(at, floor, share)
    assert curve(np.array([date]), at, floor)[0] == pytest.approx(share * ceiling, rel=1e-6)


@given(st.floats(0.3, 6.0), st.floats(0.0, 0.3))
def test_scores_rise_and_stay_between_chance_and_ceiling(rate, floor):
    y = curve(np.linspace(2015.0, 2035.0, 60), np.array([np.log(rate), 2025.0, logit(0.05)]), floor)
    assert (np.diff(y) >= 0.0).all() and y.min() >= floor and y.max() <= 0.95 + 1e-12


@settings(max_examples=15, deadline=None)
@given(st.floats(0.8, 4.0), st.floats(0.8, 0.99), st.sampled_from([0.0, 0.25]), st.integers(0, 50))
def test_a_planted_curve_comes_back(rate, ceiling, floor, seed):
    x, y = planted(rate, 2024.0, ceiling, floor, n=25, noise=0.01, seed=seed)
    fitted = fit_curve(x, y, floor, bootstraps=40)
    assert np.abs(fitted.at(x) - y).max() < 0.08
    assert fitted.rate == pytest.approx(rate, rel=0.35)


def test_intervals_hold_the_planted_rate_nine_times_in_ten():
    inside = 0
    for seed in range(30):
        x, y = planted(1.8, 2024.0, n=9, noise=0.05, seed=seed)
        low, high = fit_curve(x, y, bootstraps=60, seed=seed).rate_interval()
        inside += low <= 1.8 <= high
    assert inside >= 24


def test_one_wild_score_moves_a_robust_curve_little():
    x, y = planted(1.8, 2024.0, n=15)
    wild = y.copy()
    wild[3] += 0.5
    assert fit_curve(x, wild, bootstraps=20).rate == pytest.approx(fit_curve(x, y, bootstraps=20).rate, rel=0.2)


def test_where_points_say_nothing_the_prior_stays():
    x = np.array([2024.0, 2024.1, 2024.2, 2024.3])
    fitted = fit_curve(x, np.full(4, 0.01), bootstraps=400)
    prior = Prior()
    fast, slow = prior.rise
    low, high = (2.0 * np.log(9.0) / rise for rise in (slow, fast))
    ends = fitted.rate_interval()
    assert low / 1.6 < ends[0] < low * 1.8 and high / 1.8 < ends[1] < high * 1.6
    flaws = expit(np.quantile(fitted.boot[:, 2], [0.5, 0.95]))
    assert flaws == pytest.approx(prior.flaws, rel=0.35)


def test_a_forecast_widens_and_stays_a_share():
    fitted = fit_curve(*planted(1.5, 2026.0, n=6, noise=0.02), bootstraps=200)
    low, high = np.quantile(fitted.draws(np.array([2026.2, 2027.5]), 2000, 0), [0.05, 0.95], axis=0)
    assert (low >= 0.0).all() and (high <= 1.0).all()


# ---------------------------------------------------------------- the index


def test_half_of_what_is_above_chance_is_solved_at_the_difficulty():
    assert law.expected_score(140.0, 140.0, 0.1) == pytest.approx(0.5)
    assert law.expected_score(140.0, 140.0, 0.1, chance=0.25) == pytest.approx(0.625)
    assert law.expected_score(-1e6, 140.0, 0.1, chance=0.25) == pytest.approx(0.25)


def test_slope_is_logits_per_point():
    scores = law.expected_score(np.array([139.0, 140.0, 141.0]), 135.0, 0.2)
    np.testing.assert_allclose(np.diff(logit(scores)), 0.2)


def test_the_index_predicts_scores_of_the_models_that_have_both(found):
    assert found.statistics["models with both"] > 400
    assert found.statistics["rms of score by index"] < 0.09
    assert abs(found.statistics["mean of score by index"]) < 0.02


def test_choices_among_four_lift_the_law_by_chance():
    for name, (_, expected, observed) in law.index_check(ROWS).items():
        if name in law.CHANCE:
            without = (expected - law.CHANCE[name]) / (1.0 - law.CHANCE[name])
            assert np.mean((observed - expected) ** 2) < 0.25 * np.mean((observed - without) ** 2)


def test_a_benchmark_that_the_index_does_not_rate_is_told():
    with pytest.raises(InputError, match="does not rate"):
        law.expected("GDPval", 150.0)


# ---------------------------------------------------------------- the shipped data


def test_osworld_rises_as_the_interview_says(found):
    slope = found["slope OSWorld"]
    assert (slope.published.low, slope.published.high) == pytest.approx((1.883, 2.066), abs=0.001)
    assert slope.low < slope.published.low and slope.published.high < slope.high
    assert found["date OSWorld"].low < found["date OSWorld"].value < found["date OSWorld"].high


def test_every_benchmark_with_four_records_has_a_slope_and_a_date(found):
    names = {e.name.split(" ", 1)[1] for e in found.estimates}
    assert len(names) == 17 and len(found.estimates) == 34
    assert set(law.HEADLINE) <= names


def test_frontiers_rise_and_leave_undated_rows_out():
    for x, y in law.frontiers(ROWS).values():
        assert (np.diff(x) > 0.0).all() and (np.diff(y) > 0.0).all()
    undated = [row | {"release_date": ""} for row in ROWS if row["benchmark"] == "OSWorld"]
    assert law.frontiers(undated) == {}


def test_a_stricter_threshold_is_met_later():
    early, late = (law.fit(ROWS, benchmark="OSWorld", threshold=t, bootstraps=50) for t in (0.5, 0.9))
    assert early["date OSWorld"].value < late["date OSWorld"].value


def test_one_benchmark_has_a_forecast_and_one_agent_may_be_kept():
    one = law.fit(ROWS, benchmark="OSWorld", bootstraps=50)
    low, median, high = one.predict([2027.0])
    assert 0.0 < low < median < high <= 1.0
    swe = law.fit(ROWS, benchmark="Terminal-Bench", agent="Terminus", bootstraps=50)
    assert int(swe.data.split(",")[1].split()[0]) <= len(law.frontiers(ROWS)["Terminal-Bench"][0])


def test_hindcast_covers_the_records_of_several_benchmarks():
    shares = [law.fit(ROWS, until=date, bootstraps=80).held.covered[0.9] for date in ("2024-12-31", "2025-06-30")]
    assert np.mean(np.concatenate(shares)) >= 0.75
    assert min(len(s) for s in shares) > 20


def test_bad_questions_are_told_in_one_line():
    for options, match in (
        ({"benchmark": "OSWord"}, "OSWorld"),
        ({"threshold": 1.5}, "between 0 and 1"),
        ({"until": "2010-01-01"}, "4 records"),
    ):
        with pytest.raises(InputError, match=match) as error:
            law.fit(ROWS, bootstraps=5, **options)
        assert "\n" not in str(error.value)


def test_a_curve_is_what_it_was_made_of():
    fitted = Curve(0.0, np.array([0.0, 2025.0, logit(0.1)]), np.zeros((1, 3)), 0.1)
    assert fitted.rate == 1.0 and fitted.ceiling == pytest.approx(0.9)
