"""Vintages: what is bought is in service or retired, rents fall with age, what binds decides how long machines live."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from gigawatt.core.entry import entries
from gigawatt.mechanisms import vintages

RENT, RUNNING, DECLINE, INTEREST = 11.0, 0.9, 0.29, 0.09


@given(st.lists(st.floats(0.0, 50.0), min_size=60, max_size=60), st.floats(0.2, 8.0))
@settings(max_examples=60, deadline=None)
def test_what_is_bought_is_in_service_or_retired(bought, life):
    bought = np.array(bought)
    gone, alive = vintages.retirements(bought, life, 1 / 12), vintages.in_service(bought, life, 1 / 12)
    np.testing.assert_allclose(np.cumsum(gone) + alive, np.cumsum(bought), rtol=1e-12, atol=1e-9)
    assert np.all(gone >= -1e-9) and np.all(alive >= -1e-9)


def test_a_vintage_leaves_after_its_life_and_a_broken_life_splits_it():
    once = np.array([5.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert vintages.retirements(once, 3.0, 1.0).tolist() == [0, 0, 0, 5.0, 0, 0]
    assert vintages.retirements(once, 3.25, 1.0).tolist() == pytest.approx([0, 0, 0, 3.75, 1.25, 0])
    assert vintages.in_service(once, 3.0, 1.0).tolist() == [5.0, 5.0, 5.0, 0, 0, 0]


def test_a_steady_state_holds_life_times_what_is_bought_a_year():
    alive = vintages.in_service(np.full((2, 240), 0.5), 5.0, 1 / 12)
    np.testing.assert_allclose(alive[:, -1], 0.5 * 60, rtol=1e-12)


def test_a_growing_fleet_is_young():
    """With purchases growing at g, the share in service of all ever bought tends to 1 - e^(-g L)."""
    months = np.arange(600)
    bought = np.exp(0.3 * months / 12)
    alive = vintages.in_service(bought, 5.0, 1 / 12)
    assert alive[-1] / bought.sum() == pytest.approx(1.0 - np.exp(-0.3 * 5.0), rel=2e-3)


def test_rent_of_an_old_machine_is_that_of_the_compute_it_gives():
    density = vintages.density_of(1.0, DECLINE, np.array([-3.0, 0.0]))
    assert vintages.rent_of_age(RENT, DECLINE, 3.0) == pytest.approx(RENT * density[0] / density[1])


def test_new_machines_gave_as_much_more_as_the_fitted_growth_says():
    """Compute per watt of what was delivered, end 2023 to end 2025, which is not what the fit rests on alone."""
    growth = entries()["fleet.density_growth"]
    seen = np.log(1.13e6 / 0.63e6) / 2.0
    assert abs(seen - growth.value) < 0.1 * (growth.high - growth.low)
    assert vintages.density_of(0.63e6, seen, 2.0) == pytest.approx(1.13e6, rel=1e-12)


def test_a_machine_retires_where_its_rent_no_longer_pays_and_is_then_worth_nothing():
    life = float(vintages.economic_life(RENT, RUNNING, DECLINE))
    assert vintages.rent_of_age(RENT, DECLINE, life) == pytest.approx(RUNNING)
    value = vintages.value_of_age(RENT, RUNNING, DECLINE, INTEREST, np.array([0.0, 2.0, life, life + 3.0]))
    assert value[0] > value[1] > value[2] == value[3] == 0.0
    assert vintages.economic_life(0.5, RUNNING, DECLINE) == 0.0


def test_value_is_the_discounted_sum_of_what_is_left():
    life = float(vintages.economic_life(RENT, RUNNING, DECLINE))
    for age in (0.0, 2.5):
        whole, _ = quad(
            lambda t, a=age: (RENT * np.exp(-DECLINE * (a + t)) - RUNNING) * np.exp(-INTEREST * t), 0, life - age
        )
        assert float(vintages.value_of_age(RENT, RUNNING, DECLINE, INTEREST, age)) == pytest.approx(whole, rel=1e-9)


def test_what_earns_its_rent_falls_by_rent_net_of_interest():
    """dV/da = i V - (rent - running): the arbitrage equation of an asset; depreciation is fastest when new."""
    at = np.array([0.5, 2.0, 4.0])
    slope = jax.vmap(jax.grad(lambda a: vintages.value_of_age(RENT, RUNNING, DECLINE, INTEREST, a)))(at)
    value = vintages.value_of_age(RENT, RUNNING, DECLINE, INTEREST, at)
    np.testing.assert_allclose(slope, INTEREST * value - (vintages.rent_of_age(RENT, DECLINE, at) - RUNNING), rtol=1e-9)
    assert np.all(np.diff(slope) > 0.0)


def test_machines_live_longer_where_chips_bind_than_where_power_does():
    """Where their place can go to a new machine that nets 3 bn a year, the old go years before they stop paying."""
    free, taken = (float(vintages.economic_life(RENT, RUNNING, DECLINE, slot)) for slot in (0.0, 3.0))
    assert taken < 5.0 < 6.0 < free


def test_books_are_straight_and_end_at_nothing():
    assert vintages.book_value(30.0, 6.0, np.array([0.0, 3.0, 6.0, 9.0])).tolist() == [30.0, 15.0, 0.0, 0.0]
