"""Growth of training compute: planted growth comes back, published growth is met, a maximum is forecast as one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.observed import table
from gigawatt.study.fits import compute_growth as law
from gigawatt.study.fits.line import least_squares

BOOTSTRAPS = 300


@pytest.fixture(scope="module")
def found():
    return law.fit(table(law.DATA), bootstraps=BOOTSTRAPS)


@pytest.fixture(scope="module")
def hindcast():
    return law.fit(table(law.DATA), until="2024-12-31", bootstraps=BOOTSTRAPS)


def planted(growth, n=60, spread=0.5, seed=0, start=2018.0):
    """Rows of frontier models whose compute grows by this factor a year."""
    rng = np.random.default_rng(seed)
    years = np.sort(start + 7.0 * rng.random(n))
    log = 50.0 + np.log(growth) * (years - start) + spread * rng.standard_normal(n)
    return [
        dict.fromkeys(law.COLUMNS, "")
        | {
            "date": f"{int(x)}-{int(x % 1 * 12) + 1:02d}-15",
            "model": f"m{i}",
            "domain": "Language",
            "training_flop": repr(float(np.exp(y))),
            "frontier_model": "1",
            "confidence": "Confident",
        }
        for i, (x, y) in enumerate(zip(years, log, strict=True))
    ]


# ---------------------------------------------------------------- published growth


def test_frontier_models_grow_4_8_times_a_year(found):
    frontier = found["frontier"]
    assert frontier.value == pytest.approx(4.8, abs=0.05)
    assert (frontier.low, frontier.high) == pytest.approx((4.3, 5.3), abs=0.15)


def test_frontier_language_models_grow_five_times_a_year_as_published(found):
    assert found["frontier-language"].value == pytest.approx(found["frontier-language"].published.value, abs=0.1)


def test_notable_models_fall_short_of_the_published_growth_and_say_why(found):
    window, published = found["notable-to-2024-06"], found["notable"].published
    assert window.high < published.low and window.value < found["notable"].value < published.value
    assert found["notable-other"].high < window.value < found["notable-language"].low
    assert "428" in window.why


@pytest.mark.parametrize(("name", "value", "low", "high"), [
    ("cost", 2.62, 2.34, 2.93), ("power", 2.19, 1.91, 2.51), ("run-length", 1.21, 1.15, 1.27),
])  # fmt: skip
def test_cost_power_and_length_agree_with_least_squares_without_resampling(found, name, value, low, high):
    estimate = found[name]
    assert estimate.value == pytest.approx(value, abs=0.01)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=0.12)


# ---------------------------------------------------------------- planted growth


@settings(max_examples=12, deadline=None)
@given(growth=st.floats(1.5, 12.0), seed=st.integers(0, 99))
def test_planted_growth_comes_back_within_its_interval_twice_over(growth, seed):
    estimate = law.fit(planted(growth, seed=seed), bootstraps=100)["frontier"]
    low, value, high = np.log([estimate.low, estimate.value, estimate.high])
    assert abs(value - np.log(growth)) < 2.0 * max(high - value, value - low)


def test_intervals_hold_the_planted_growth_nine_times_in_ten():
    inside = 0
    for seed in range(60):
        line = law.trend_line(planted(4.0, n=40, seed=seed), law.TRENDS[0], 150, seed)
        low, high = np.exp(line.slope_interval())
        inside += low <= 4.0 <= high
    assert 46 <= inside <= 60


def test_without_spread_the_growth_is_exact_and_all_definitions_agree():
    rows = [
        row | {"date": f"{2018 + i}-01-01", "training_flop": repr(1e20 * 4.0**i)} for i, row in enumerate(planted(4, 8))
    ]
    found = law.fit(rows, bootstraps=50)
    for name in ("frontier", "top-ten", "records", "notable"):
        assert found[name].value == pytest.approx(4.0, rel=1e-9)


# ---------------------------------------------------------------- groups


def test_the_ten_largest_at_release_hold_every_flagged_model():
    rows = law.dated(table(law.DATA))
    flagged = next(t for t in law.TRENDS if t.name == "frontier")
    ours = next(t for t in law.TRENDS if t.name == "top-ten")
    assert set(law.series(rows, flagged)[2]) <= set(law.series(rows, ours)[2])


def test_among_the_largest_counts_only_what_came_before():
    y = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 0.0])
    assert law.among_largest(y, 1).tolist() == [True, True, False, True, False, False]
    assert law.among_largest(y, 2).tolist() == [True, True, True, True, True, False]


# ---------------------------------------------------------------- the largest run


def forecast(pace, spread=1e-9):
    line = least_squares(np.linspace(2018, 2025, 50), np.linspace(50.0, 60.0, 50), 50)
    line = type(line)(line.centre, line.intercept, line.slope, spread, line.boot)
    return law.Largest(line, np.array([2018.0, 2024.0]), np.array([50.0, 61.0]), 2024.0, pace)


def test_the_past_is_what_was_known():
    assert np.log(forecast(6.0)([2019.0, 2024.0], 50, 0)) == pytest.approx(np.tile([50.0, 61.0], (50, 1)))


def test_a_record_stands_until_something_larger_and_never_falls():
    at = np.log(forecast(6.0, 0.8)(np.linspace(2024, 2030, 25), 400, 0))
    assert (np.diff(at, axis=1) >= 0.0).all() and at[:, 0] == pytest.approx(np.full(400, 61.0))
    assert np.log(forecast(0.0)([2030.0], 100, 0)) == pytest.approx(np.full((100, 1), 61.0))


def test_more_tries_give_a_larger_maximum_as_extreme_values_do():
    few, many = (np.log(forecast(pace, 1.0)([2030.0], 4000, 0)).mean() for pace in (4.0, 40.0))
    assert 0.3 < many - few < 2.5  # the expected maximum of n normals rises with sqrt(2 ln n)


def test_without_spread_the_maximum_is_the_last_release_on_the_line():
    at = np.log(forecast(200.0)([2028.0], 200, 0))
    line = forecast(1.0).line
    assert np.median(at) == pytest.approx(line.at(2028.0 - 1.0 / 200.0), abs=0.05)


def test_the_largest_run_after_2024_lies_in_the_bands_at_fixed_dates(hindcast):
    held = hindcast.held
    np.testing.assert_allclose(held.x, [2025.25, 2025.5, 2025.75, 2026.0, 2026.25, held.x[-1]])
    assert held.coverage() >= 0.75 and np.all(np.diff(held.observed) >= 0.0)
    assert np.all(np.abs(np.log(held.observed / held.median)) < np.log(10.0))


def test_bands_cover_from_earlier_dates_too():
    covered = []
    for year in range(2020, 2024):
        covered.extend(law.fit(table(law.DATA), until=f"{year}-12-31", bootstraps=100).held.covered[0.9])
    assert np.mean(covered) >= 0.8


def test_a_later_observation_scores_by_its_log(hindcast):
    low, median, high = hindcast.predict([2026.0])
    score = hindcast.score([2026.0], median * 10.0)
    assert 0.0 < score.crps[0] < np.log(10.0) and low < median < high


def test_nothing_after_the_date_is_seen():
    rows = [row for row in law.dated(table(law.DATA)) if row["date"] <= "2022-12-31"]
    known, cut = (
        law.fit(rows, until="2022-12-31", bootstraps=50),
        law.fit(table(law.DATA), until="2022-12-31", bootstraps=50),
    )
    assert known["frontier"] == cut["frontier"]
    np.testing.assert_allclose(known.predict([2024.0]), cut.predict([2024.0]))
