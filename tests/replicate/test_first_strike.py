"""First-strike stability: Schelling (1960), The Strategy of Conflict, chapter 9; Snyder (1961), Deterrence and Defense;
Kent & Thaler (1989), RAND R-3765.

Deterrence holds where what survives a first strike can still destroy more than the strike gains. Forces of missiles
that carry several warheads are a target worth striking; single warheads and submarines are not.
"""

import numpy as np
import pytest

from gigawatt.mechanisms.deterrence import deters, first_strike_index, retaliation


def test_survivors_of_a_strike_are_binomial_on_average():
    luck = np.random.default_rng(0).random((20_000, 100, 2))
    assert retaliation(100.0, 0.7, 2.0) == pytest.approx((luck > 0.7).all(2).sum(1).mean(), rel=0.02)
    assert retaliation(100.0, 0.0, 5.0) == 100.0 and retaliation(100.0, 1.0, 1.0) < 1e-9


def test_two_sides_that_can_strike_back_are_stable_and_two_that_cannot_are_not():
    gain, damage = 0.5, 1.0
    hidden, exposed = retaliation(100.0, 0.1, 1.0), retaliation(100.0, 0.95, 2.0)
    assert deters(gain, hidden, damage) and not deters(gain, exposed, damage)
    least = -np.log(1.0 - gain / damage)  # weapons left at which a strike just pays
    assert deters(gain, least * 1.01, damage) and not deters(gain, least * 0.99, damage)


def test_warheads_on_one_missile_invite_a_strike():
    """The exchange ratio: one attacking warhead that kills with chance .8 takes ten from a missile that carries ten."""
    missiles, warheads, kill = 100.0, 10.0, 0.8
    left_of_many = retaliation(missiles, kill, 1.0) * warheads  # one hundred warheads aimed: 800 of 1000 lost
    left_of_one = retaliation(missiles * warheads, kill, 0.1) * 1.0  # the same hundred, one for each tenth missile
    assert missiles * warheads - left_of_many == pytest.approx(800.0)
    assert left_of_one > 4.0 * left_of_many


def test_the_index_is_one_where_going_first_saves_nothing():
    assert first_strike_index(1.0, 1.0, 0.7, 0.7) == 1.0
    assert first_strike_index(0.2, 1.0, 0.2, 1.0) == pytest.approx(0.04)
    steady = first_strike_index(np.linspace(0.1, 1.0, 10), 1.0, 0.5, 1.0)
    assert np.all(np.diff(steady) > 0.0)
