"""A break in slope: planted ones are found, false alarms are as rare as the p-value says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.study.fits.breaks import DRAWN, candidates, kink, p_value, resampled

T = np.linspace(2020.0, 2026.0, 25)


def bent(date, before, after, noise=0.0, seed=0):
    y = before * (T - 2020.0) + (after - before) * np.maximum(T - date, 0.0)
    return y + noise * np.random.default_rng(seed).standard_normal(len(T))


def test_a_break_without_noise_is_found_exactly():
    at = candidates(T)[30]
    found = kink(T, bent(at, 8.0, 16.0))
    assert (found.date, found.before, found.after) == pytest.approx((at, 8.0, 16.0))
    assert found.at(np.array([at])) == pytest.approx(8.0 * (at - 2020.0))


def test_over_many_planted_breaks_the_intervals_hold_the_truth():
    held = {"date": [], "before": [], "after": []}
    for seed in range(40):
        drawn = resampled(T, bent(2023.0, 8.0, 16.0, 1.0, seed), 150, seed)
        for name, truth in (("date", 2023.0), ("before", 8.0), ("after", 16.0)):
            low, high = np.quantile(drawn[name], [0.05, 0.95])
            held[name].append(low <= truth <= high)
    assert all(0.75 <= np.mean(h) for h in held.values()), held


def test_a_clear_break_is_beyond_chance_by_every_bootstrap():
    y = bent(2023.0, 8.0, 16.0, 1.0)
    assert all(p_value(T, y, kind, 199) <= 0.01 for kind in DRAWN)


def test_the_statistic_is_the_f_ratio_of_the_two_fits():
    y = bent(2023.0, 1.0, 2.0, noise=1.0, seed=4)
    found = kink(T, y)
    one = np.polynomial.Polynomial.fit(T, y, 1)
    straight = np.sum((y - one(T)) ** 2)
    two = np.sum(found.left**2)
    assert found.sup_f == pytest.approx((straight - two) / (two / (len(T) - 4)))
    assert found.left == pytest.approx(y - found.at(T))


@pytest.mark.parametrize("kind", list(DRAWN))
def test_without_a_break_false_alarms_are_as_rare_as_they_say(kind):
    alarms = [p_value(T, bent(2023.0, 5.0, 5.0, 1.0, seed), kind, 99, seed) <= 0.1 for seed in range(150)]
    assert 0.02 < np.mean(alarms) < 0.2


def test_searching_for_the_date_makes_chance_breaks_likelier_than_the_f_law_says():
    from scipy.stats import f

    by_f_law = [f.sf(kink(T, bent(2023.0, 5.0, 5.0, 1.0, seed)).sup_f, 1, len(T) - 4) <= 0.1 for seed in range(150)]
    assert np.mean(by_f_law) > 0.15


@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(0.1, 10.0), tilt=st.floats(-20.0, 20.0))
def test_a_line_added_or_a_change_of_unit_changes_no_break(shift, scale, tilt):
    y = bent(2022.5, 3.0, 9.0, 0.5)
    one, other = kink(T, y), kink(T, scale * y + shift + tilt * T)
    assert other.date == one.date
    assert other.sup_f == pytest.approx(one.sup_f, rel=1e-4)
    assert other.after - other.before == pytest.approx(scale * (one.after - one.before), rel=1e-4)


def test_no_break_is_sought_near_the_ends():
    dates = candidates(T, 0.15)
    assert np.sum(T < dates[0]) >= 0.15 * len(T) - 1 and np.sum(T > dates[-1]) >= 0.15 * len(T) - 1


def test_bad_input_is_told_in_one_line():
    with pytest.raises(InputError, match="six points"):
        kink(T[:5], T[:5])
    with pytest.raises(InputError, match="0.6"):
        kink(T, T, trim=0.6)
    with pytest.raises(InputError, match="choose from"):
        p_value(T, T, "jackknife")
