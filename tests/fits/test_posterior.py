"""The trend whose slope wanders: exact posterior, its limits, and the sampled one beside it."""

import sys

import numpy as np
import pytest
from scipy.interpolate import make_smoothing_spline

from gigawatt.core.errors import InputError
from gigawatt.study.fits.localtrend import Trend, local_trend, straight

T = np.linspace(2019.0, 2026.0, 15)
FIRST = np.zeros(1, int)  # the first point of the grid


def wandering(step, error, seed, n=15):
    """A level whose slope is a random walk in fine steps, measured at n dates of a seven-year span."""
    rng = np.random.default_rng(seed)
    fine = np.linspace(0.0, 9.0, 901)
    slope = 2.0 + np.concatenate([[0.0], np.cumsum(step * np.sqrt(0.01) * rng.standard_normal(900))])
    level = np.concatenate([[0.0], np.cumsum(0.01 * slope[:-1])])
    t = np.sort(rng.uniform(0.0, 7.0, n))
    return t, np.interp(t, fine, level) + error * rng.standard_normal(n), lambda at: np.interp(at, fine, level)


def test_with_a_constant_slope_it_is_the_straight_line_with_known_error():
    y = 2.0 * (T - 2019.0) + np.random.default_rng(0).standard_normal(15)
    fixed = Trend(T, y, np.ones(15), np.zeros(1), np.zeros(1), np.ones(1))
    slope = fixed.slope(np.array([2022.0]), 20000, 0)[:, 0]
    spread = np.sum((T - T.mean()) ** 2)
    assert slope.mean() == pytest.approx(straight(T, y)[0], abs=0.01)
    assert slope.std() == pytest.approx(1.0 / np.sqrt(spread), rel=0.03)
    level = fixed.level(np.array([2030.0]), 20000, 0)[:, 0]
    assert level.std() == pytest.approx(np.sqrt(1.0 / 15 + (2030.0 - T.mean()) ** 2 / spread), rel=0.03)


def test_its_mean_is_the_cubic_smoothing_spline():
    """Wahba (1978): penalty = variance of the noise over that of the step."""
    y = np.sin(T) * 3.0
    fixed = Trend(T, y, np.full(15, 0.5), np.full(1, 0.8), np.zeros(1), np.ones(1))
    spline = make_smoothing_spline(T, y, lam=0.5**2 / 0.8**2)
    at = np.array([2020.3, 2022.2, 2024.9, 2026.0])
    (mean,), _ = fixed._conditional(FIRST, at, slope=False)
    assert mean == pytest.approx(spline(at), abs=1e-6)
    (steepness,), _ = fixed._conditional(FIRST, at, slope=True)
    assert steepness == pytest.approx(spline.derivative()(at), abs=1e-5)


def test_beyond_the_data_it_goes_on_straight_and_spreads_with_the_three_halves_power_of_the_lead():
    fixed = Trend(T, 2.0 * T, np.full(15, 1e-4), np.ones(1), np.zeros(1), np.ones(1))
    leads = np.array([1.0, 2.0, 4.0])
    (mean,), (covariance,) = fixed._conditional(FIRST, 2026.0 + leads, slope=False)
    assert np.diff(mean) == pytest.approx([2.0, 4.0], abs=0.01)
    # sd = step lead^1.5 / sqrt 3, and a little for the slope at the end.
    assert np.sqrt(np.diag(covariance)) == pytest.approx(leads**1.5 / np.sqrt(3.0), rel=0.5)
    assert np.diff(np.log(np.diag(covariance))).min() > 2.0 * np.log(2.0)


def test_a_planted_step_is_told_from_none():
    steady = [local_trend(*wandering(0.0, 0.2, seed)[:2], step_scale=1.0).step_mean for seed in range(5)]
    restless = [local_trend(*wandering(3.0, 0.2, seed)[:2], step_scale=1.0).step_mean for seed in range(5)]
    assert max(steady) < min(restless)


def test_its_bands_hold_what_they_should_over_many_planted_worlds():
    covered = []
    for seed in range(30):
        t, y, truth = wandering(1.0, 0.3, seed)
        members = local_trend(t, y, 0.3, step_scale=1.5).level(np.array([8.5]), 500, seed)[:, 0]
        low, high = np.quantile(members, [0.05, 0.95])
        covered.append(low < truth(8.5) < high)
    assert 0.8 <= np.mean(covered) <= 1.0


def test_a_better_measured_point_pulls_harder():
    y = 2.0 * (T - 2019.0)
    y[-1] += 3.0
    error = np.full(15, 0.3)
    poor = error.copy()
    poor[-1] = 5.0
    after = np.array([2027.0])
    pulled, ignored = (np.median(local_trend(T, y, e).level(after, 2000, 0)) for e in (error, poor))
    assert pulled > ignored + 0.5


def test_the_same_seed_draws_the_same_and_a_shift_of_dates_changes_nothing():
    y = np.cumsum(np.random.default_rng(2).standard_normal(15))
    one, again = (local_trend(T, y).observed(np.array([2027.0]), 500, 7) for _ in range(2))
    assert np.array_equal(one, again)
    moved = local_trend(T - 2000.0, y).observed(np.array([27.0]), 500, 7)
    assert np.quantile(moved, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(one, [0.1, 0.5, 0.9]), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("t", "y", "error", "told"),
    [
        (T[:3], T[:3], 0.0, "four points"),
        (np.ones(5), np.ones(5), 0.0, "two dates"),
        (T, np.where(T > 2025, np.nan, T), 0.0, "finite"),
        (T, T, -1.0, "zero or more"),
    ],
)
def test_bad_input_is_told_in_one_line(t, y, error, told):
    with pytest.raises(InputError, match=told) as caught:
        local_trend(t, y, error)
    assert "\n" not in str(caught.value)


def test_without_numpyro_the_cure_is_told(monkeypatch):
    from gigawatt.study.fits.posterior import trend

    monkeypatch.setitem(sys.modules, "numpyro.infer", None)
    with pytest.raises(InputError, match=r"pip install 'gigawatt\[fit\]'"):
        trend(T, T + np.sin(T), 0.1, np.array([2027.0]), 10)


def test_an_outlier_costs_less_under_students_t_and_t_of_many_degrees_is_normal():
    pytest.importorskip("numpyro")
    from numpyro.infer.util import log_density

    from gigawatt.study.fits.posterior import _model

    def density(y, freedom):
        at = {"step": 0.5, "scatter": 0.5, "level_0": 0.0, "slope_0": 2.0, "z": np.zeros((2, 14))}
        data = (np.diff(T), np.arange(15), y, np.full(15, 0.2), 1.0, 1.0, 2.0, freedom)
        return float(log_density(_model, data, {}, at)[0])

    clean = 2.0 * (T - T[0])
    wild = clean + 5.0 * (np.arange(15) == 7)
    assert density(clean, 1e7) == pytest.approx(density(clean, np.inf), abs=1e-3)
    assert density(clean, 3.0) - density(wild, 3.0) < 0.3 * (density(clean, np.inf) - density(wild, np.inf))


def test_the_exact_mean_is_that_of_the_draws():
    trend, at = local_trend(T, np.sin(T) + T, 0.1), np.array([2022.2, 2027.0])
    for drawn, slope in ((trend.level(at, 20000, 0), False), (trend.slope(at, 20000, 0), True)):
        assert np.all(np.abs(drawn.mean(axis=0) - trend.mean(at, slope)) < 4.0 * drawn.std(axis=0) / np.sqrt(20000))


def test_far_dates_and_equal_dates_can_be_asked_for():
    trend = local_trend(T, np.sin(T) + T, 0.1)
    members = trend.level(np.array([1950.0, 2022.0, 2022.0, 2100.0, 2100.001]), 400, 0)
    assert np.isfinite(members).all()
    assert members[:, 1] == pytest.approx(members[:, 2], abs=0.5)


@pytest.mark.slow
def test_sampling_agrees_with_the_exact_posterior_on_planted_data():
    pytest.importorskip("numpyro")
    from gigawatt.study.fits.posterior import trend

    t, y, truth = wandering(1.0, 0.3, 11)
    at = np.array([7.0, 8.5])
    sampled, exact = trend(t, y, 0.3, at, draws=400, seed=1), local_trend(t, y, 0.3)
    assert sampled.divergences <= 12
    assert sampled.step.mean() == pytest.approx(exact.step_mean, rel=0.15)
    assert sampled.scatter.mean() == pytest.approx(exact.scatter_mean, rel=0.25)
    level, slope = exact.level(at, 6000, 0), exact.slope(at, 6000, 0)
    for here, there in ((sampled.level, level), (sampled.slope, slope)):
        width = np.ptp(np.quantile(there, [0.05, 0.95], axis=0), axis=0)
        apart = np.quantile(here, [0.05, 0.5, 0.95], axis=0) - np.quantile(there, [0.05, 0.5, 0.95], axis=0)
        assert np.all(np.abs(apart) < 0.2 * width)
    low, high = np.quantile(sampled.level[:, 1], [0.05, 0.95])
    assert low < truth(8.5) < high
