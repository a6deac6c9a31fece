"""Products: the funnel, surfaces that age with progress, the share of the interface, and a lab's own use."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.units import default_axes
from gigawatt.mechanisms import products

LABS = len(default_axes()["lab"])


def test_the_funnel_and_its_rates_undo_each_other():
    left = products.funnel(1000.0, [0.1, 0.1, 0.25])
    assert left == pytest.approx([1000.0, 100.0, 10.0, 2.5])
    assert products.passing_rates(left) == pytest.approx([0.1, 0.1, 0.25])
    assert products.funnel(np.array([1.0, 2.0]), [0.5]).shape == (2, 2)


def test_the_fringe_of_the_last_three_months():
    # uses that double each year: 1 - 2^(-1/4) are younger than three months
    assert products.fringe(0.25, np.log(2.0)) == pytest.approx(1.0 - 2.0**-0.25)
    assert products.fringe(0.25, 0.0) == 0.0


def test_surfaces_age_with_the_pace_of_capability_and_not_without_it():
    assert products.surviving(5.0, 0.0, 0.03) == 1.0 and products.obsolescence(-3.0, 0.03) == 0.0
    assert (np.diff(products.surviving(1.0, np.array([1.0, 10.0, 30.0]), 0.03)) < 0).all()


@given(st.floats(0.001, 0.999), st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.floats(0.0, 20.0))
@settings(max_examples=80, deadline=None)
def test_share_of_the_interface_stays_above_zero_and_goes_to_rest(share, hazard, packaging, years):
    later = float(products.api_share_after(share, hazard, packaging, years))
    assert 0.0 < later <= 1.0
    half = products.api_share_after(share, hazard, packaging, years / 2)
    assert later == pytest.approx(float(products.api_share_after(half, hazard, packaging, years / 2)), rel=1e-9)
    if hazard + packaging > 0.1:
        rest = products.api_share_at_rest(hazard, packaging)
        assert products.api_share_after(share, hazard, packaging, 1e4) == pytest.approx(float(rest), abs=1e-9)


def test_faster_progress_keeps_more_use_on_the_bare_interface():
    assert (np.diff(products.api_share_at_rest(np.array([0.0, 0.2, 1.0]), 0.5)) > 0).all()


def test_own_use_comes_first_and_later_with_a_higher_bar():
    launch = products.launch_time(np.array([0.2, 0.5, 0.8]), 0.01, 6.0)
    assert (np.diff(launch) > 0).all() and launch[0] > 0.0
    for bar, when in zip((0.2, 0.5, 0.8), launch, strict=True):
        assert products.users(when, 500.0, 0.01, 6.0) == pytest.approx(500.0 * bar)
    assert products.launch_time(0.01, 0.5, 6.0) == 0.0


def test_nobody_outside_before_the_launch_and_the_own_voice_fades_after():
    years = np.linspace(0.0, 8.0, 200)
    others = np.asarray(products.users(years, 1e7, 1e-4, 3.0, start=2.0))
    assert (others[years < 2.0] == 0.0).all() and others[-1] == pytest.approx(1e7, rel=1e-3)
    weight = np.asarray(products.internal_weight(500.0, others, 100.0))
    assert weight[0] == 1.0 and (np.diff(weight) <= 0).all() and weight[-1] < 0.01
    assert weight[np.argmin(abs(others - 5e4))] == pytest.approx(0.5, abs=0.05)  # 500 own, each heard as 100


def test_no_own_users_no_loop():
    assert (products.internal_weight(0.0, np.array([0.0, 1e6]), 100.0) == 0.0).all()


def test_placed_in_the_month_the_interface_tends_to_its_balance():
    law, share = products.Surfaces(), 0.9
    for month in range(600):
        eci = {
            "capability": np.full(LABS, 150.0 + 1.25 * (month + 1)),
            "prev_capability": np.full(LABS, 150.0 + 1.25 * month),
        }
        out = law(**eci, prev_api_share=share, dt=1 / 12)
        share = out.api_share
    assert out.surface_hazard == pytest.approx(15.0 * float(law.per_point), rel=1e-6)
    assert share == pytest.approx(float(products.api_share_at_rest(out.surface_hazard, law.packaging)), rel=1e-6)
