"""Events: the share of draws in which something happens, and when, on signals known by hand."""

import math

import numpy as np
import pytest
import xarray as xr

import gigawatt as gw
from gigawatt.study.events import WATCHED, ends_of_years, event, events

MONTHS = 36
YEARS = 2026 + (np.arange(MONTHS) + 1) / 12


def happens_at(*months: int | None) -> np.ndarray:
    """(draw, month), true from the given month on (0 is January 2026); None: never."""
    return np.array([[m is not None and t >= m for t in range(MONTHS)] for m in months])


def test_probability_counts_draws_and_dates_only_those_in_which_it_happens():
    found = event("x", happens_at(11, 12, 23, None), YEARS)
    assert found.probability == 0.75
    assert found.by == {2026: 0.25, 2027: 0.75, 2028: 0.75}
    assert found.median == pytest.approx(2026 + 13 / 12)
    assert (found.low, found.high) == pytest.approx((2026 + 12.1 / 12, 2026 + 22.9 / 12))


def test_what_never_happens_has_no_date():
    found = event("x", happens_at(None, None), YEARS)
    assert (found.probability, found.median, found.low, found.high) == (0, None, None, None)
    assert set(found.by.values()) == {0.0}


def test_an_event_counts_from_its_first_month_even_if_the_signal_falls_back():
    once = happens_at(None)
    once[0, 5] = True
    assert event("x", once, YEARS).median == pytest.approx(2026.5)


def test_years_count_only_if_they_end_within_the_run():
    assert ends_of_years(YEARS) == {2026: 11, 2027: 23, 2028: 35}
    assert ends_of_years(YEARS[:20]) == {2026: 11}
    half_steps = 2026.5 + (np.arange(36) + 1) / 24
    assert ends_of_years(half_steps) == {2026: 11, 2027: 35}


@pytest.fixture
def ds() -> xr.Dataset:
    """Three draws, two labs: A is ruined in draws 0 and 1, B in draw 1 only and first; revenue never passes."""
    alive = np.ones((3, MONTHS, 2))
    alive[0, 20:, 0] = alive[1, 30:, 0] = alive[1, 10:, 1] = 0
    revenue = np.full((3, MONTHS), 999.9)
    return xr.Dataset(
        {"alive": (("draw", "month", "lab"), alive), "industry_revenue": (("draw", "month"), revenue)},
        {"year": ("month", YEARS), "lab": ["A", "B"]},
    )


def test_first_ruin_is_of_any_lab_and_then_of_each(ds):
    found = {e.name: e for e in events(ds)}
    assert [found[n].probability for n in ("First ruin of any lab", "Ruin of A", "Ruin of B")] == [2 / 3, 2 / 3, 1 / 3]
    assert found["First ruin of any lab"].low < found["Ruin of A"].low
    assert found["Ruin of B"].lab == "B"


def test_only_events_whose_signal_is_there_are_named(ds):
    assert {e.signal for e in events(ds)} == {"alive", "industry_revenue"}
    assert events(ds[[]].assign_coords(ds.coords)) == []


def test_the_threshold_itself_counts(ds):
    assert events(ds[["industry_revenue"]])[0].probability == 0
    assert events(ds[["industry_revenue"]] + 0.1)[0].probability == 1


def test_what_is_not_a_number_has_not_happened(ds):
    assert events(ds[["industry_revenue"]] * math.nan)[0].probability == 0


@pytest.mark.parametrize("watch", WATCHED, ids=lambda w: w.signal)
def test_thresholds_are_meant_in_the_unit_that_base_gives(watch):
    assert gw.load("base").world().signals[watch.signal].unit.text == watch.unit
