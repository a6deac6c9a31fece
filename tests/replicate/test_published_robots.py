"""The world's count of industrial robots, from installations."""

import jax.numpy as jnp
import pytest

from gigawatt.mechanisms.robotics import stock_of_equal_lives, stock_step

# Thousands installed in 2012 to 2023, World Robotics 2013 to 2024 (press releases; before 2022 rounded, some revised).
INSTALLED = (159, 178, 221, 254, 304, 400, 423, 391, 390, 526, 552.946, 541.302)


def test_the_stock_of_2023_is_twelve_years_of_installations():
    """International Federation of Robotics (2024): 4,281,585 in operation; the federation counts twelve years each."""
    assert stock_of_equal_lives(jnp.array(INSTALLED)) == pytest.approx(4281.585, rel=0.02)


def test_geometric_retirement_at_the_same_mean_life_tells_nearly_the_same_story():
    stock = 1235.0  # thousands at the end of 2012
    for installed in INSTALLED[1:]:
        stock = stock_step(stock, installed, 12.0, 1.0)
    assert stock == pytest.approx(4281.585, rel=0.2) and stock < 4281.585  # while it grows, few are old
