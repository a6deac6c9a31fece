"""Robotics: any one path is enough, stocks are conserved, and factories bind before buyers do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.robotics import (
    Robots,
    installed_in,
    lag_by_any_path,
    spread_to,
    stock_of_equal_lives,
    stock_step,
    years_to_stock,
)

DT = 1 / 12


def path(law, genius, output=1e5):
    """Signals of a world with these months of genius level, 0 or 1."""
    state = law.begin() | {n: jnp.asarray(0.0) for n in ("since_genius", "robot_buyers", "robots")}

    def month(state, g):
        out = law(genius=g, output=output, labour_income=0.5, dt=DT, **{f"prev_{n}": v for n, v in state.items()})
        return {n: getattr(out, n) for n in state}, out

    return jax.lax.scan(month, state, jnp.asarray(genius, float))[1]


def test_the_earliest_path_decides():
    assert lag_by_any_path(1.5, jnp.array([2.0, 0.5, jnp.inf])) == 2.0
    assert lag_by_any_path(1.5, jnp.array([0.0, 9.0, 9.0])) == 1.5
    assert jnp.isinf(lag_by_any_path(1.5, jnp.full(3, jnp.inf)))


def test_a_stock_in_balance_is_life_times_installations_and_what_is_wanted_is_reached_at_once_if_factories_can():
    assert stock_step(60.0, 6.0, 10.0, 0.5) == pytest.approx(60.0)
    assert stock_step(stock_step(1.0, 6.0, 10.0, 0.25), 6.0, 10.0, 0.25) == pytest.approx(
        float(stock_step(1.0, 6.0, 10.0, 0.5))
    )
    need = installed_in(20.0, 25.0, 1e9, 10.0, 0.5)
    assert stock_step(20.0, need, 10.0, 0.5) == pytest.approx(25.0)
    assert installed_in(20.0, 25.0, 3.0, 10.0, 0.5) == 3.0 and installed_in(20.0, 5.0, 3.0, 10.0, 0.5) == 0.0
    gone = 20.0 * (1.0 - np.exp(-0.05))
    assert installed_in(20.0, 20.0, 9.0, 10.0, 0.5) * 0.5 == pytest.approx(gone, rel=0.03)  # replacement


def test_buyers_follow_bass():
    adopted = 0.0
    for _ in range(4000):
        adopted = spread_to(adopted, 0.03, 0.38, 1.0, 0.005)
    t, p, q = 20.0, 0.03, 0.38
    bass = (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))  # Bass (1969)
    assert adopted == pytest.approx(bass, rel=1e-3)
    assert spread_to(0.3, 0.03, 0.38, 0.0, 1.0) == 0.3


def test_nothing_is_built_before_robots_are_solved_and_factories_bind_afterwards():
    law = Robots()
    genius = np.arange(360) >= 60
    out = path(law, genius)
    solved = np.asarray(out.robotics) > 0.5
    assert np.argmax(solved) == 60 + round(12 * float(law.lag)) - 1  # counted at the end of the month
    assert np.all(out.robots[~solved] == 0.0) and np.all(out.robot_revenue[~solved] == 0.0)
    after = np.asarray(out.robots)[np.argmax(solved) + 12 : np.argmax(solved) + 72]
    fast = np.asarray(path(Robots(growth=5.0), genius).robots)[np.argmax(solved) + 12 : np.argmax(solved) + 72]
    assert np.all(after < fast)
    assert np.all(out.robot_work <= law.doable + 1e-12) and np.all(np.diff(out.robots) >= -1e-9)
    # in the long run: what is doable, and the value of it shared
    end = path(law, np.ones(1200))
    most = law.physical * law.people / law.replaces
    assert end.robots[-1] == pytest.approx(float(most * law.doable), rel=1e-2)
    assert end.robot_revenue[-1] == pytest.approx(float(law.capture * law.doable * law.physical * 0.5 * 1e5), rel=1e-2)


def test_trillions_need_a_decade_of_factories():
    law = Robots()
    most = law.physical * law.people / law.replaces
    target = most * 1000.0 / (law.capture * law.physical * 0.547 * 118_350)  # robots behind a trillion a year
    years = years_to_stock(target, law.capacity_at_start, law.growth)
    assert 6.0 < years < 10.0
    grown = (jnp.exp(law.growth * years) - 1.0) * law.capacity_at_start / law.growth
    assert grown == pytest.approx(float(target))
    assert years_to_stock(target, law.capacity_at_start, 2 * law.growth) < 0.65 * years


def test_the_count_of_equal_lives_is_a_sum():
    assert stock_of_equal_lives(jnp.ones(12)) == 12.0
