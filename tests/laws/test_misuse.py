"""Misuse: defences that fail together, attack against defence, adaptation, and what monitoring costs liberty."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from gigawatt.mechanisms.misuse import (
    Misuse,
    able,
    attack_success,
    change_ahead,
    detected,
    flagged_rightly,
    harm_chance,
    joint_failure,
    unadapted,
)

CHANCES = jnp.linspace(0.01, 0.99, 50)


def test_checks_that_fail_together_are_no_better_than_one_and_apart_they_multiply():
    np.testing.assert_allclose(joint_failure(CHANCES, 4.0, 1.0), CHANCES)
    np.testing.assert_allclose(joint_failure(CHANCES, 4.0, 0.0), CHANCES**4)
    np.testing.assert_allclose(joint_failure(CHANCES, 1.0, 0.37), CHANCES)  # one layer, whatever it shares
    assert jnp.all(jnp.diff(joint_failure(0.2, 4.0, jnp.linspace(0.0, 1.0, 20))) > 0.0)


def test_the_correlation_is_that_of_any_two_failures():
    q, r = 0.2, 0.35
    assert (joint_failure(q, 2.0, r) - q * q) / (q * (1.0 - q)) == pytest.approx(r)


def test_harm_by_many_is_the_complement_of_nobody_succeeding():
    assert harm_chance(0.01, 100.0, 0.0) == pytest.approx(1.0 - 0.99**100)
    assert harm_chance(0.01, 100.0, 1.0) == pytest.approx(0.01)  # who all share one fate are one
    assert harm_chance(0.01, 1.0, 0.4) == pytest.approx(0.01)


def test_what_strengthens_both_sides_alike_changes_nothing():
    assert attack_success(3.0, 3.0, 2.5) == pytest.approx(0.5)
    assert attack_success(2.0, 7.0, 1.3) == pytest.approx(float(attack_success(20.0, 70.0, 1.3)))
    assert attack_success(2.0, 7.0, 1.3) + attack_success(7.0, 2.0, 1.3) == pytest.approx(1.0)
    law = Misuse(shared=1.0)  # the user's models defend as well as they attack (patel-user-alignment)
    strength = 1.0 + law.gain * jnp.array([0.0, 0.3, 1.0])
    chances = attack_success(strength, law.resistance * strength**law.shared, law.decisiveness)
    np.testing.assert_allclose(chances, chances[0])


def test_a_century_in_ten_years_leaves_nine_tenths_of_it_ahead():
    assert unadapted(100.0, 100.0) == pytest.approx(np.exp(-1.0))
    assert unadapted(10.0, 100.0) == pytest.approx(0.905, abs=5e-4)
    solved = solve_ivp(lambda t, g: (10.0 - 1.0) - g / 100.0, (0.0, 10.0), [3.0], rtol=1e-10, atol=1e-10).y[0, -1]
    assert change_ahead(3.0, 10.0, 100.0, 10.0) == pytest.approx(solved)
    assert change_ahead(0.0, 1.0, 100.0, 50.0) == 0.0  # at the old pace society keeps up
    halves = change_ahead(change_ahead(3.0, 10.0, 100.0, 5.0), 10.0, 100.0, 5.0)
    assert halves == pytest.approx(float(change_ahead(3.0, 10.0, 100.0, 10.0)))


def test_monitoring_that_finds_more_flags_more_of_the_innocent():
    alarms = jnp.logspace(-6.0, -0.01, 40)
    assert jnp.all(jnp.diff(detected(alarms, 2.0)) > 0.0)
    np.testing.assert_allclose(detected(alarms, 0.0), alarms, rtol=1e-9)  # a blind monitor flags all alike
    rare = flagged_rightly(1e-6, 1e-4, 3.5)
    assert rare < 0.01  # of those flagged, fewer than one in a hundred is an attacker
    found = 1e-6 * detected(1e-4, 3.5)
    assert rare == pytest.approx(float(found / (found + (1 - 1e-6) * 1e-4)))


def test_makers_grow_with_pareto_budgets_until_all_who_might_can():
    assert able(4.0, 1.0, 1.06, 3e4) == pytest.approx(4.0)
    assert able(4.0, 10.0, 1.06, 1e12) == pytest.approx(4.0 * 10.0**1.06, rel=1e-6)
    assert able(4.0, 1e30, 1.06, 3e4) == pytest.approx(3e4)


def test_hazard_over_a_month_adds_up_to_the_chance_so_far():
    law = Misuse(false_alarm=0.0001)
    given = {"coding": 0.5, "automatable": 0.3, "protection": 0.2, "prev_cheaper": 5.0, "prev_change_ahead": 2.0}
    given |= {
        "algorithms": jnp.full(6, 2.0),
        "prev_algorithms": jnp.full(6, 1.9),
        "prev_misuse": 0.1,
        "industry_safety": 0.3,
        "dt": 1 / 12,
    }
    out = law(**{name: jnp.asarray(x) for name, x in given.items()})
    assert out.misuse == pytest.approx(1.0 - 0.9 * np.exp(-float(out.misuse_hazard) / 12))
    none = law(**{name: jnp.asarray(x) for name, x in (given | {"protection": 1.0}).items()})
    assert 0.0 < none.misuse_hazard < out.misuse_hazard  # rules reach guarded makers only
    safer = law(**{name: jnp.asarray(x) for name, x in (given | {"industry_safety": 0.9}).items()})
    assert none.misuse_hazard < safer.misuse_hazard < out.misuse_hazard
