"""Transfer: the published law of data transferred, and breadth that carries skills to other tasks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.scenario import load
from gigawatt.mechanisms import transfer

TEXT_TO_PYTHON = {"k": 1.9e4, "alpha": 0.18, "beta": 0.38}  # Hernandez et al. (2021), table of coefficients


def test_data_transferred_by_hand():
    by_hand = 1.9e4 * (3e8) ** 0.18 * (4e7) ** 0.38
    assert transfer.data_transferred(3e8, 4e7, **TEXT_TO_PYTHON) == pytest.approx(by_hand)


def test_ten_times_the_size_is_worth_as_much_as_a_hundred_times_the_data():
    # the paper's reading of beta about twice alpha
    base = transfer.data_transferred(1e6, 1e8, **TEXT_TO_PYTHON)
    bigger = transfer.data_transferred(1e6, 1e9, **TEXT_TO_PYTHON)
    more = transfer.data_transferred(1e8, 1e8, **TEXT_TO_PYTHON)
    assert bigger / base == pytest.approx(10**0.38) == pytest.approx(more / base, rel=0.06)


def test_pre_training_multiplies_small_data_most():
    multiplier = transfer.data_multiplier(np.geomspace(1e5, 1e10, 6), 1e9, **TEXT_TO_PYTHON)
    assert (np.diff(multiplier) < 0).all() and (multiplier > 1.0).all() and multiplier[0] > 100.0


@given(st.floats(1e-3, 1e3), st.floats(0.05, 0.95), st.floats(0.1, 2.0))
@settings(max_examples=60, deadline=None)
def test_transfer_is_a_share_that_rises_with_breadth(breadth, share, steepness):
    now = float(transfer.transfer_share(breadth, share, steepness))
    assert 0.0 < now < 1.0
    assert now < transfer.transfer_share(1.01 * breadth, share, steepness)
    assert transfer.transfer_share(1.0, share, steepness) == pytest.approx(share)
    odds, at_one = now / (1.0 - now), share / (1.0 - share)
    assert odds == pytest.approx(at_one * breadth**steepness, rel=1e-6)


def test_the_three_stages_rise_to_the_share_of_today():
    stages = transfer.stage_transfer([1.0, 10.0, 300.0], 0.7, 0.7)
    assert len(stages) == len(transfer.RL_STAGES)
    assert (np.diff(stages) > 0).all() and stages[-1] == pytest.approx(0.7)
    assert transfer.stage_transfer([2.0, 20.0, 600.0], 0.7, 0.7) == pytest.approx(stages)  # any unit of breadth


def test_breadth_grows_at_its_rate_whatever_the_step():
    law = transfer.Breadth()
    year, month = law(prev_breadth=1.0, dt=1.0), 1.0
    for _ in range(12):
        month = law(prev_breadth=month, dt=1 / 12).breadth
    assert month == pytest.approx(float(year.breadth)) == pytest.approx(np.exp(float(law.rate)))
    assert law.begin()["transfer"] == law.share < year.transfer < 1.0


def test_no_growth_of_breadth_leaves_transfer_as_it_is():
    out = transfer.Breadth(rate=0.0)(prev_breadth=1.0, dt=1.0)
    assert out.transfer == pytest.approx(float(transfer.Breadth().share))


def test_the_sceptic_transfers_less_at_every_date_and_has_dearer_data():
    sceptic, base = load("sutton_skeptic").table, load("base").table
    for name in ("breadth.share", "breadth.steepness", "breadth.rate", "data_stock.growth"):
        assert sceptic[name].value < base[name].value
        assert sceptic[name].grade == "judgement"
    assert sceptic["accounts.other_per_bill"].value > base["accounts.other_per_bill"].value
