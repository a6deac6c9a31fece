"""Training compute and scores."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.scaling import (
    SEVEN_INGREDIENTS,
    effective_compute,
    log_score,
    training_flop,
)


def effective(elasticity=0.1, **changed):
    inputs = dict.fromkeys(SEVEN_INGREDIENTS, 1.0) | changed
    return effective_compute(**inputs, method_elasticity=elasticity)


def test_volume_is_a_product():
    assert effective(compute=1e25, data=2.0, breadth=0.5, duration=3.0) == pytest.approx(3e25)


def test_no_ingredient_makes_up_for_a_broken_objective():
    assert effective(compute=1e30, data=1e3, objective=0.0) == 0.0


def test_stability_prevents_waste_and_adds_nothing():
    assert effective(stability=0.8, conditioning=0.5) == pytest.approx(0.4)
    assert effective(stability=1.7, conditioning=3.0) == pytest.approx(1.0)


def test_method_is_the_small_residual():
    assert effective(method=2.0) == pytest.approx(2.0**0.1)


def test_rl_below_its_floor_changes_nothing_and_above_it_is_log_linear():
    score = lambda rl: log_score(1.0, 2.0, 1e25, 0.5, rl, 1e22)  # noqa: E731
    assert score(0.0) == score(1e22) == pytest.approx(1.0 + 2.0 * np.log(1e25))
    assert score(1e24) - score(1e23) == pytest.approx(0.5 * np.log(10.0))
    assert jnp.isfinite(jax.grad(score)(0.0))


def test_training_flop_by_hand():
    # 1,000 accelerators of 1e15 per second at 40 per cent for one day
    assert training_flop(1e3, 1e15, 0.4, 86_400.0) == pytest.approx(3.456e22)
