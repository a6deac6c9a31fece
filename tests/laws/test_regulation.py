"""Rules: the order of the ladder, fifty states at random, and what it is worth to decide after the evidence."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from gigawatt.core.entry import entries
from gigawatt.mechanisms.diffusion import RegulatedSegments, Segments
from gigawatt.mechanisms.regulation import (
    Regulation,
    adaptive_value,
    burden,
    fixed_value,
    mean_wait,
    next_rung,
    reach,
    regimes,
)


def test_targeted_rules_need_all_of_evidence_a_law_and_the_date():
    yes, no = True, False
    for evidence, enacted, open_now in ((no, yes, yes), (yes, no, yes), (yes, yes, no)):
        assert next_rung(1.0, yes, evidence, enacted, open_now) == 1.0
    assert next_rung(1.0, yes, yes, yes, yes) == 2.0
    assert next_rung(2.0, yes, no, no, no) == 2.0  # a rule stays
    assert next_rung(2.0, no, yes, yes, yes) == 0.0  # unless nobody may make rules
    assert next_rung(0.0, yes, yes, yes, yes) == 1.0  # and then begins again with transparency


def test_laws_fall_on_states_as_balls_into_boxes():
    thrown = np.random.default_rng(0).integers(0, 50, (20_000, 60))
    counted = np.mean([len(set(row)) for row in thrown])
    assert regimes(60.0, 50.0) == pytest.approx(counted, abs=0.1)
    assert regimes(0.0, 50.0) == 0.0 and regimes(1.0, 50.0) == pytest.approx(1.0)
    assert regimes(1e6, 50.0) == pytest.approx(50.0)


def test_a_patchwork_costs_more_wait_for_each_part_of_protection_than_one_standard():
    law = Regulation()
    parts = law.transparency_burden, law.targeted_burden, law.patchwork_burden
    apart = regimes(100.0, 50.0) / 50.0
    wait = {"patchwork": burden(2.0, apart, *parts) - 1.0, "standard": burden(2.0, 0.0, *parts) - 1.0}
    kept = {"patchwork": reach(apart, 0.0, law.spill), "standard": reach(0.0, 1.0, law.spill)}
    assert kept["standard"] == 1.0 > kept["patchwork"]
    assert wait["patchwork"] / kept["patchwork"] > 3.0 * wait["standard"] / kept["standard"]
    assert reach(0.0, 0.0, law.spill) == 0.0  # nobody builds for a market that has no rules


def test_waits_for_evidence_and_for_the_law_add_up():
    assert mean_wait(0.5, 2.0) == 2.5
    hazards = np.random.default_rng(1).exponential([[2.0], [0.5]], (2, 200_000)).sum(0)
    assert mean_wait(0.5, 2.0) == pytest.approx(hazards.mean(), rel=0.01)


@pytest.mark.parametrize(("mean", "spread", "resolved"), [(0.0, 1.0, 1.0), (-1.0, 2.0, 0.3), (0.7, 0.5, 0.9)])
def test_deciding_after_evidence_is_the_mean_of_the_better_rule(mean, spread, resolved):
    sd = spread * np.sqrt(resolved)
    expected = quad(lambda x: max(x, 0.0) * norm.pdf(x, mean, sd), mean - 12 * sd, mean + 12 * sd, points=[0.0])[0]
    assert adaptive_value(mean, spread, resolved) == pytest.approx(expected, abs=1e-8)


def test_the_option_to_adapt_is_never_worth_less_than_nothing_and_most_in_doubt():
    means = jnp.linspace(-3.0, 3.0, 61)
    option = adaptive_value(means, 1.0, 0.5) - fixed_value(means, 1.0)
    assert jnp.all(option >= 0.0) and jnp.argmax(option) == 30
    assert option[30] == pytest.approx(np.sqrt(0.5 / (2.0 * np.pi)))  # at even odds: sd / sqrt(2 pi)
    assert jnp.all(jnp.diff(adaptive_value(-0.5, 1.0, jnp.linspace(0.0, 1.0, 20))) > 0.0)
    assert adaptive_value(-1.0, 1.0, 0.0) == 0.0 == fixed_value(-1.0, 1.0)


def test_twice_the_friction_is_half_the_speed_of_adoption():
    table = entries()
    done = jnp.full(6, 0.05)
    month = {"automatable": 0.4, "prev_automatable": 0.38, "prev_done": done, "prev_cleared": jnp.full(6, 0.3)}
    ruled = RegulatedSegments(table=table)(**month, prev_friction=jnp.asarray(2.0), dt=1 / 12)
    plain = Segments(table=table)
    slow = Segments(table=table, speed=plain.speed / 2.0)(**month, dt=1 / 12)
    np.testing.assert_allclose(ruled.done, slow.done)
    same = RegulatedSegments(table=table)(**month, prev_friction=jnp.asarray(1.0), dt=1 / 12)
    np.testing.assert_allclose(same.done, plain(**month, dt=1 / 12).done)
    assert ruled.work_by_ai < same.work_by_ai
