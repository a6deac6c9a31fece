"""Firms that use AI: the survey read, the forecast held to waves that came later, the wording as a measured shift."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study.fits import adoption
from gigawatt.study.fits.brokentrend import broken_trend
from gigawatt.study.fits.localtrend import local_trend

FEW = 50


@pytest.fixture(scope="module")
def whole():
    return adoption.fit(table("btos_ai_use"), bootstraps=FEW)


@pytest.fixture(scope="module")
def past():
    return adoption.fit(table("btos_ai_use"), until="2024-12-31", bootstraps=FEW)


def planted(growth=0.5, shift=0.6, size=0.4, waves=60, sd=0.02, seed=0):
    """Rows of a survey with known growth, shift at the new wording from wave 50 on, and a larger class."""
    rng, rows = np.random.default_rng(seed), []
    for i in range(waves):
        day = np.datetime64("2023-09-11") + 14 * i
        new = i >= 50
        for code, above in (("all", 0.0), ("A", -0.05), ("D", 0.1), ("G", size)):
            share = expit(-3.2 + growth * 14 * i / 365.25 + shift * new + above + sd * rng.standard_normal())
            wording = adoption.NEW if new else adoption.OLD
            rows.append({"period_start": str(day), "stratum": "", "stratum_code": code, "question": "current_use",
                         "wording": wording, "share_of_firms": str(share),
                         "standard_error": str(sd * share * (1 - share))})  # fmt: skip
    return rows


def test_the_first_wave_is_the_one_that_the_census_bureau_published(whole):
    first = whole["first"]
    assert first.published.value == 0.037
    assert first.low <= 0.037 <= first.high


def test_waves_of_2025_lie_in_the_band_of_a_forecast_from_the_end_of_2024(past):
    assert len(past.held.x) == 19 and past.held.label[0] == "2025-01-13"
    assert past.held.coverage(0.9) >= 0.9
    assert past.held.covered[0.9][-1]
    assert past.statistics["held_crps"] < past.statistics["logistic_crps"]
    for code in "ABCDEFG":
        assert past.statistics[f"coverage_90_{code}"] >= 0.85, code


def test_the_past_knows_nothing_of_the_new_wording(past):
    assert "shift" not in {e.name for e in past.estimates}
    with pytest.raises(InputError, match="any_function_wording"):
        past.forecast(np.array([2026.0]), 10, 0, wording=adoption.NEW)


def test_planted_growth_shift_and_size_are_recovered():
    found = adoption.fit(planted(), bootstraps=FEW)
    for name, truth in (("growth", 0.5), ("growth-now", 0.5), ("shift", 0.6), ("large-level", 0.4)):
        e = found[name]
        assert e.low - 0.02 <= truth <= e.high + 0.02, (name, e)
    assert found["shift"].value == pytest.approx(0.6, abs=0.06)
    assert found["large-growth"].value == pytest.approx(0.0, abs=0.05)


def test_the_wording_moves_the_forecast_by_the_shift_and_the_class_by_its_size(whole):
    x = np.array([2026.4])
    middle = [np.median(whole.forecast(x, 4000, 0, **of)) for of in ({}, {"wording": adoption.OLD}, {"stratum": "G"})]
    assert logit(middle[0]) - logit(middle[1]) == pytest.approx(whole["shift"].value, abs=0.05)
    waves = adoption.read(table("btos_ai_use"))
    assert middle[0] == pytest.approx(expit(waves["all"].y[-3:].mean()), abs=0.02)
    assert middle[2] == pytest.approx(expit(waves["G"].y[-6:].mean()), abs=0.05)


def test_later_waves_that_follow_the_law_are_covered_as_often_as_said():
    hits = []
    for seed in range(2):
        rows = planted(seed=seed, waves=30)
        found = adoption.fit(rows, until=rows[-4 * 12]["period_start"], bootstraps=FEW)
        hits.append(found.held.coverage(0.9))
    assert np.mean(hits) > 0.85


def test_without_a_break_the_trend_is_the_local_trend():
    t, rng = np.linspace(2020.0, 2022.0, 25), np.random.default_rng(1)
    y = 0.5 * (t - 2021.0) + 0.05 * rng.standard_normal(25)
    ours = broken_trend(t, y, np.full(25, 0.02), np.zeros(25, bool), 0.5)
    theirs = local_trend(t, y, 0.02)
    assert ours.mean(t, ours.new) == pytest.approx(theirs.mean(t), abs=0.01)


def test_a_straight_line_with_a_step_is_found_exactly():
    t = np.linspace(0.0, 2.0, 30)
    new = t > 1.4
    found = broken_trend(t, 1.0 + 0.3 * t + 0.7 * new, np.full(30, 1e-3), new, 0.0)
    assert found.shift(400, 0).mean() == pytest.approx(0.7, abs=1e-3)
    assert found.slope(np.array([5.0]), 400, 0).mean() == pytest.approx(0.3, abs=2e-3)


def test_classes_that_are_alike_are_pooled_to_one():
    found = adoption.fit(planted(size=0.0, sd=0.05), bootstraps=FEW)
    x = np.array([2025.0])
    level = [np.median(found.forecast(x, 4000, 0, stratum=s)) for s in ("A", "G")]
    assert level[0] == pytest.approx(level[1], rel=0.15)


def test_an_unknown_class_is_told_with_those_there_are(whole):
    with pytest.raises(InputError, match="no stratum 'Z'"):
        whole.forecast(np.array([2026.0]), 10, 0, stratum="Z")


def test_a_class_that_is_asked_for_is_forecast_drawn_and_scored(whole):
    some = adoption.fit(planted(), until="2024-12-31", bootstraps=FEW, stratum="G")
    every = adoption.fit(planted(), until="2024-12-31", bootstraps=FEW)
    x = np.array([2025.5])
    assert (some.forecast(x, 20, 0) == every.forecast(x, 20, 0, stratum="G")).all()
    assert some.held.coverage(0.9) == every.statistics["coverage_90_G"]
    assert {p.label for p in some.panels[1].points} == {"class G", "class G, held out"}
    with pytest.raises(InputError, match="take one of all"):
        adoption.fit(planted(), bootstraps=FEW, stratum="Z")


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(["share_of_firms", "standard_error", "period_start"]), st.sampled_from(["", "x", "-1", "7", "nan"])
)
def test_a_cell_that_cannot_be_is_told_in_one_line(column, cell):
    rows = planted(waves=8)
    rows[5] = {**rows[5], column: cell}
    if column == "standard_error" and cell == "7":
        return  # wide, and allowed
    with pytest.raises(InputError) as error:
        adoption.fit(rows, bootstraps=FEW)
    assert "\n" not in str(error.value)
