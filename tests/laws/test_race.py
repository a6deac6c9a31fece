"""The race: an example spreads above its tipping point, to the top or to the bottom, whoever leads."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from gigawatt.mechanisms.race import PRACTICES, Race, safety, spread_practice, tipping_point


def raced(law, practice, years, share=None, alive=None):
    labs = len(practice)
    share = jnp.full(labs, 1.0 / labs) if share is None else share
    alive = jnp.ones(labs) if alive is None else alive
    out = None
    for _ in range(12 * years):
        out = law(prev_practice=jnp.asarray(practice), alive=alive, share=share, dt=jnp.asarray(1 / 12))
        practice = out.practice
    return out


def test_the_step_solves_the_replicator_equation():
    solved = solve_ivp(lambda t, s: s * (1 - s) * (1.2 * 0.5 + 0.1 - 0.4), (0.0, 3.0), [0.2], rtol=1e-10, atol=1e-12)
    assert spread_practice(0.2, 0.5, 1.2, 0.1, 0.4, 3.0) == pytest.approx(solved.y[0, -1])
    halves = spread_practice(spread_practice(0.2, 0.5, 1.2, 0.1, 0.4, 1.5), 0.5, 1.2, 0.1, 0.4, 1.5)
    assert halves == pytest.approx(float(spread_practice(0.2, 0.5, 1.2, 0.1, 0.4, 3.0)))


def test_above_the_tipping_point_all_rise_and_below_all_fall():
    law = Race(example=1.0, reward=0.2, cost=0.6)
    assert tipping_point(law.example, law.reward, law.cost) == pytest.approx(0.4)
    assert jnp.all(raced(law, [0.5] * 6, 10).practice > 0.6) and jnp.all(raced(law, [0.3] * 6, 10).practice < 0.2)
    even = raced(law, [0.4] * 6, 10).practice
    np.testing.assert_allclose(even, 0.4, rtol=1e-5)


def test_with_direction_up_safety_of_all_rises_whoever_leads():
    law = Race()
    for start in itertools.islice(itertools.permutations([0.9, 0.5, 0.5, 0.4, 0.3, 0.3]), 0, 720, 60):
        first, last = raced(law, start, 0 + 1), raced(law, start, 6)
        assert jnp.all(last.practice > jnp.asarray(start)) and last.industry_safety > first.industry_safety
        assert last.race_risk < first.race_risk
    bottom = Race(example=0.0, reward=0.0)
    assert jnp.all(
        raced(bottom, [0.9, 0.5, 0.5, 0.4, 0.3, 0.3], 6).practice < jnp.array([0.9, 0.5, 0.5, 0.4, 0.3, 0.3])
    )


def test_each_of_four_practices_prevents_its_part_of_what_is_left():
    assert len(PRACTICES) == 4
    assert safety(1.0, 0.2) == pytest.approx(1.0 - 0.8**4)
    assert safety(0.25, 0.2) == pytest.approx(0.2) and safety(0.0, 0.2) == 0.0


def test_a_ruined_lab_sets_no_example():
    law, practice = Race(), jnp.array([0.95, 0.2, 0.2, 0.2, 0.2, 0.2])
    alive = jnp.array([0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    without, with_it = (raced(law, practice, 3, alive=a).practice[1] for a in (alive, jnp.ones(6)))
    assert without < with_it
