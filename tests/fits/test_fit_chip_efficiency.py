"""Chip efficiency: ratios of the sales list by hand, a planted drift found again, and the entry that base uses."""

import numpy as np
import pytest

from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study.fits import chip_efficiency as law

ROWS = table(law.DATA)


@pytest.fixture(scope="module")
def found():
    return law.fit(ROWS)


def test_the_first_quarters_sold_one_chip_and_have_its_ratio():
    sales = law.read(ROWS)
    assert len(sales.t) == 17
    assert sales.per_chip[0] == pytest.approx(0.3153e9 / 400.0, rel=1e-3)
    assert sales.per_it[0] == pytest.approx(0.3153e9 / 926.0, rel=1e-3)
    assert np.all(sales.per_it < sales.per_chip)


def test_ratios_of_power_are_the_sources_and_chips_without_one_take_their_median():
    ratio = law.it_ratio()
    assert ratio["H100/H200"] == pytest.approx(1453 / 700) and ratio["B300"] == pytest.approx(2217 / 1400)
    assert ratio["A800"] == ratio["A100"] == pytest.approx(926 / 400)
    assert ratio["B300"] < ratio[""] < ratio["A100"] and "TPU v6e" not in ratio


def test_the_entry_of_base_is_what_the_fit_gives(found):
    told, entry = found["density"], entries()["fleet.density_growth"]
    assert entry.grade == "fitted" and told.entry == entry.path
    assert (told.value, told.low, told.high) == pytest.approx((entry.value, entry.low, entry.high), abs=0.002)


def test_growth_is_that_from_the_first_to_the_last_quarter(found):
    sales = law.read(ROWS)
    whole = np.log(sales.per_it[-1] / sales.per_it[0]) / (sales.t[-1] - sales.t[0])
    assert found["density"].value == pytest.approx(whole, rel=0.01)


def test_newer_chips_waste_less_power_around_them_and_records_outrun_sales(found):
    assert found["per_chip"].value < found["density"].value < found["hardware"].value
    assert found["hardware"].low > found["hardware"].published.value


def test_a_planted_drift_lies_in_the_interval_nine_times_in_ten():
    rng = np.random.default_rng(1)
    inside = 0
    for trial in range(200):
        change = 0.08 + 0.07 * rng.standard_normal(16)
        low, high = np.quantile(law.resampled(change, 16, 400, trial).mean(axis=1), [0.05, 0.95])
        inside += low <= 0.08 <= high
    assert 0.75 < inside / 200 < 0.95  # blocks of four among sixteen are a little too narrow


def test_a_forecast_of_2024_covers_four_of_the_five_quarters_that_came():
    held = law.fit(ROWS, until="2024-12-31").held
    assert len(held.x) == 5 and held.coverage(0.9) == pytest.approx(0.8)


def test_too_few_quarters_are_told_in_one_line():
    with pytest.raises(InputError, match="5 quarters to 2023-03-31: 6 are needed"):
        law.fit(ROWS, until="2023-03-31")
