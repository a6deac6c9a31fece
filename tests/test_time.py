"""The step in time is a choice of ours: results must not hang on it."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.path import Path, year_after, year_of
from gigawatt.core.run import kept, run, year_ends
from gigawatt.core.scenario import load
from gigawatt.mechanisms.demand import mood_step, trend_step
from gigawatt.mechanisms.diffusion import bass_step, diffuse
from gigawatt.mechanisms.growth import adjust
from gigawatt.mechanisms.shocks import chance_within

# Without noise, draws differ by their numbers only, and these are the same at both steps.
CALM = {"spending.noise": 0.0, "logit.taste_noise": 0.0, "stall.hazard": 0.0}

BALANCES = {"profit": ("revenue", "bill"), "cash": ("revenue", "bill", "cash"), "turned_away": ("spending",)}


def year_ends_of(steps_per_year):
    """Headline signals and orders by lab at each year end without noise, (draw, year, ...)."""
    scenario = dataclasses.replace(load("base"), steps_per_year=steps_per_year)
    result = run(scenario, 1024, set=CALM, keep=[*kept(scenario.world(), None), "wanted_order"])
    last = result.isel(month=slice(steps_per_year - 1, None, steps_per_year))
    if steps_per_year == 24:  # orders are a rate over the step: those of both halves of the last month count
        first_half = result.isel(month=slice(steps_per_year - 2, None, steps_per_year))
        for name in ("wanted_order", "industry_orders"):
            last[name] = 0.5 * (last[name] + first_half[name].values)
    return last


def typical_move(whole, half):
    """Median over draws of the move, relative to the median: draw by draw, so that sampling cancels."""
    middle = np.median(whole, axis=0)
    crosses = (middle.min(axis=0) <= 0.0) & (middle.max(axis=0) >= 0.0)  # then its greatest size over the years
    size = np.where(crosses, np.max(np.abs(middle), axis=0, keepdims=True), np.abs(middle))
    return float(np.max(np.abs(np.median(half - whole, axis=0)) / np.where(size > 0.0, size, 1.0)))


@pytest.mark.slow
def test_half_the_step_moves_headline_signals_by_less_than_two_per_cent():
    whole, half = year_ends_of(12), year_ends_of(24)
    moved = {n: typical_move(whole[n].values, half[n].values) for n in whole.data_vars if n not in BALANCES}
    for name, flows in BALANCES.items():  # differences of large flows are measured against the largest of them
        size = np.max([np.median(whole[flow].values, axis=0) for flow in flows], axis=0)
        moved[name] = float(np.max(np.abs(np.median((half[name] - whole[name]).values, axis=0)) / size))
    assert {n: round(x, 4) for n, x in moved.items() if x >= 0.02} == {}


EXACT = {
    "diffusion": lambda x, dt: diffuse(x, 0.8, 0.7, dt),
    "the Bass law": lambda x, dt: bass_step(x, 0.8, 0.03, 1.4, dt),
    "the bending trend": lambda x, dt: trend_step(x, 5.0, 1.0, dt),
    "adjustment of output": lambda x, dt: adjust(x, 2.0, 0.4, dt),
    "the fading of a mood": lambda x, dt: mood_step(x, 0.8, 0.3, 0.0, dt),
}


@pytest.mark.parametrize("law", EXACT)
def test_many_short_steps_of_an_exact_law_equal_a_long_one(law):
    step = EXACT[law]
    for short in (2, 12, 48):
        x = 0.1
        for _ in range(short):
            x = step(x, 3.0 / short)
        assert float(x) == pytest.approx(float(step(0.1, 3.0)), rel=1e-12)
    assert float(step(0.1, 0.0)) == pytest.approx(0.1, rel=1e-15)


def test_an_endless_step_ends_at_the_limit_of_the_law():
    limits = {"diffusion": 0.8, "the Bass law": 0.8, "the bending trend": 1.0, "adjustment of output": 2.0}
    for law, limit in limits.items():
        assert float(EXACT[law](0.1, 100.0)) == pytest.approx(limit, rel=1e-9), law


def test_chances_of_short_spans_compound_to_that_of_a_long_one():
    stays = (1.0 - chance_within(0.7, 1 / 24)) ** 24
    assert float(stays) == pytest.approx(float(1.0 - chance_within(0.7, 1.0)), rel=1e-12)


def test_noise_of_short_steps_adds_up_to_that_of_a_long_one():
    """Variance after a year of an Ornstein-Uhlenbeck walk, from the sum of its shocks."""

    def variance(steps):
        responses = []
        for k in range(steps):
            x = 0.0
            for j in range(steps):
                x = mood_step(x, 0.8, 0.3, float(j == k), 1.0 / steps)
            responses.append(float(x))
        return np.sum(np.square(responses))

    assert variance(12) == pytest.approx(variance(1), rel=1e-12)


def test_a_number_in_force_from_a_date_counts_from_that_month_on():
    ends = year_ends(load("base"))
    path = Path.read({"2026-01": 1.0, "2027-06": 2.0}, "here").steps(ends)
    assert path[:17].tolist() == [1.0] * 17  # January 2026 to May 2027
    assert set(path[17:]) == {2.0}
    assert np.isnan(Path.read({"2026-03": 1.0}, "here").steps(ends)[:2]).all()


def test_a_line_between_dates_holds_from_its_first_date_to_its_last():
    ends = year_ends(load("base"))
    for last in range(1, len(ends)):
        date = f"{2026 + (last + 1) // 12}-{(last + 1) % 12 + 1:02d}"  # the end of that step
        line = Path.read({"2026-02": 0.0, date: float(last)}, "here").line(ends) if last else None
        np.testing.assert_allclose(line[: last + 1], np.arange(last + 1), atol=1e-9, err_msg=date)
        assert np.isnan(line[last + 1 :]).all()


def test_dates_are_years_of_the_calendar():
    assert year_of("2027-06") == pytest.approx(2027 + 5 / 12)
    assert year_after("2036-12") == pytest.approx(2037.0)
    assert year_of("2026-01") < year_of("2026-01-31") < year_of("2026-02")
    assert jnp.allclose(year_ends(load("base"))[:2], jnp.asarray([2026 + 1 / 12, 2026 + 2 / 12]))
