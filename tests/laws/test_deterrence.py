"""Deterrence: excess optimism, errors that make bargaining fail, leverage, and windows that open and close."""

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.deterrence import (
    Balance,
    bargaining_range,
    chance_of_war,
    excess_optimism,
    fights,
    leverage,
    win_chance,
    window,
)


def test_consistent_beliefs_never_fight_while_war_costs_anything():
    p = jnp.linspace(0.0, 1.0, 101)
    assert not jnp.any(fights(p, 1.0 - p, 1e-6, 1e-6))
    np.testing.assert_allclose(excess_optimism(p, 1.0 - p), 0.0, atol=1e-15)


def test_the_chance_of_war_is_that_of_beliefs_drawn_with_errors():
    rng = np.random.default_rng(0)
    own, rival = (0.5 + 0.1 + 0.2 * rng.standard_normal(400_000) for _ in range(2))
    drawn = np.asarray(fights(own, rival, 0.2, 0.15)).mean()
    assert chance_of_war(0.1, 0.2, 0.2, 0.15) == pytest.approx(drawn, abs=0.003)
    assert chance_of_war(0.4, 1e-12, 0.35, 0.35) == 1.0 and chance_of_war(0.3, 1e-12, 0.35, 0.35) == 0.0


def test_what_nobody_can_count_makes_war_likelier():
    doubts = jnp.linspace(0.05, 0.5, 20)
    assert jnp.all(jnp.diff(chance_of_war(0.05, doubts, 0.3, 0.3)) > 0.0)


def test_leverage_lies_in_the_middle_of_the_range_and_rises_with_the_lead():
    low, high = bargaining_range(0.6, 0.1, 0.2)
    assert leverage(0.6, 0.1, 0.2) == pytest.approx(float(low + high) / 2)
    leads = jnp.logspace(-1, 2, 30)
    assert jnp.all(jnp.diff(leverage(win_chance(leads, 1.0, 0.5), 0.1, 0.1)) > 0.0)
    assert win_chance(3.0, 3.0, 0.7) == pytest.approx(0.5)


def test_a_window_opens_and_closes_and_without_advantage_changes_nothing():
    assert window(0.3, 0.3, 0.1) == 1.0 and window(0.9, 0.3, 0.1) < 1e-7
    given = {"industry_compute": 1e8, "rival_compute": 1e7, "automatable": 0.5, "prev_war": 0.0, "dt": 1 / 12}
    given = {name: jnp.asarray(x) for name, x in given.items()}
    none, large = Balance(advantage=0.0, place=0.5)(**given), Balance(advantage=6.0, place=0.5)(**given)
    later = Balance(advantage=6.0, place=0.1, width=0.05)(**given)
    assert large.win_chance > none.win_chance and large.war_hazard > none.war_hazard
    assert later.win_chance == pytest.approx(float(none.win_chance))
    assert none.leverage < large.leverage
