"""Lags by income group: planted lags come back, shrinking ones too, and base's entries are what the fit gives."""

import numpy as np
import pytest

from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.study.fit import fit
from gigawatt.study.fits import income_lag as study

LEVELS = ("high", "middle", "low", "united_states")


def planted(name, launched, middle, low, first=1960, years=60):
    """A logistic that the groups climb so many years later."""
    rows = []
    for year in range(first, first + years):
        levels = [100.0 / (1.0 + np.exp(-0.3 * (year - first - 20 - lag))) for lag in (0.0, middle, low)]
        told = dict(zip(LEVELS, [*map(str, levels), ""], strict=True))
        rows.append({"technology": name, "launched": str(launched), "date": f"{year}-12-31", **told})
    return rows


def test_a_planted_lag_is_found_to_the_month():
    found = {c.group: c for c in study.read(planted("radio", 1950, 6.0, 15.0))}
    # straight lines between the leader's years are off by little, and only where the curve bends
    assert found["middle"].typical == pytest.approx(6.0, abs=0.1) and found["low"].typical == pytest.approx(
        15.0, abs=0.1
    )


def test_lags_that_shrink_by_a_fixed_share_a_decade_come_back():
    at = {name: 20.0 * np.exp(-0.02 * (launched - 1950)) for name, launched in (("a", 1950), ("b", 1980), ("c", 2000))}
    rows = [r for n, y in (("a", 1950), ("b", 1980), ("c", 2000)) for r in planted(n, y, 0.5 * at[n], at[n])]
    found = study.fit(rows, bootstraps=100)
    assert found["lag-low"].value == pytest.approx(20.0 * np.exp(-0.02 * 72), rel=0.05)
    assert found["lag-middle"].value == pytest.approx(10.0 * np.exp(-0.02 * 72), rel=0.05)


def test_a_group_that_stops_rising_or_falls_is_no_longer_counted():
    year = np.arange(2000.0, 2010.0)
    leader = np.linspace(0.0, 9.0, 10)
    level = np.array([0.0, 0, 0, 1, 2, 3, 2, 1, 1, 1])
    when, lag = study.behind(year, level, leader)
    assert when.tolist() == [2003, 2004, 2005] and lag == pytest.approx([2.0, 2.0, 2.0])
    assert not len(study.behind(year, level * 100.0, leader)[1])  # never seen that high
    assert not len(study.behind(year, level, np.full(10, np.nan))[1])


def test_entries_are_what_the_fit_gives():
    found = fit("income-lag")
    for group in ("middle", "low"):
        one, entry = found[f"lag-{group}"], entries()[f"income_groups.lag.{group}"]
        assert entry.value == pytest.approx(one.value, rel=0.01) and entry.grade == "fitted"
        assert entry.low == pytest.approx(one.low, rel=0.1) and entry.high == pytest.approx(one.high, rel=0.1)


def test_newer_technologies_spread_sooner_about_as_published():
    found = fit("income-lag")["per-decade"]
    assert found.low < found.value < found.high < 0.0
    assert found.low < found.published.value < found.high


def test_generative_ai_cannot_be_further_behind_than_it_is_old():
    lag = fit("income-lag")["generative AI, middle"]
    assert 0.5 < lag.value <= lag.high < 2026.25 - 2022.91


@pytest.mark.parametrize("column", LEVELS)
def test_a_level_below_zero_is_told_in_one_line(column):
    rows = planted("radio", 1950, 6.0, 15.0)
    rows[5][column] = "-1"
    with pytest.raises(InputError, match=f"radio: {column}"):
        study.fit(rows)


def test_one_launch_tells_nothing_of_shrinking():
    rows = planted("a", 1950, 5.0, 9.0) + planted("b", 1950, 6.0, 9.0)
    with pytest.raises(InputError, match="add a technology"):
        study.fit(rows)
