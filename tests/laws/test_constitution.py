"""The constitution: three loops, sums of Zipf, principles on unseen cases, and the default to do the task."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from gigawatt.mechanisms.constitution import (
    Constitution,
    consistency,
    does_task,
    legitimacy,
    listed,
    misfit,
    principled,
    revision_rate,
    text_behind,
)


def settled(**values):
    return Constitution(**values)(pace_of_change=jnp.asarray(5.0), prev_text_behind=jnp.asarray(2.0), dt=1 / 12)


def test_a_mix_of_loops_lies_between_the_fastest_and_the_most_accepted():
    times, standing = jnp.array([0.5, 1.5, 5.0]), jnp.array([0.3, 0.45, 0.75])
    mixed = jnp.full(3, 1.0 / 3.0)
    assert revision_rate(mixed, times) == pytest.approx(float(jnp.mean(1.0 / times)))
    assert revision_rate(jnp.eye(3), times)[2] < revision_rate(mixed, times) < revision_rate(jnp.eye(3), times)[0]
    assert 0.3 < legitimacy(mixed, standing) < 0.75


def test_weights_count_by_their_parts():
    np.testing.assert_allclose(
        settled(firm=0.2, rivals=0.2, society=0.2).text_revision, settled(firm=1, rivals=1, society=1).text_revision
    )


def test_a_text_runs_behind_by_what_happens_between_revisions():
    solved = solve_ivp(lambda t, g: 5.0 - 0.4 * g, (0.0, 3.0), [2.0], rtol=1e-10, atol=1e-10).y[0, -1]
    assert text_behind(2.0, 5.0, 0.4, 3.0) == pytest.approx(solved)
    assert text_behind(2.0, 5.0, 0.4, 1e3) == pytest.approx(5.0 / 0.4)


@pytest.mark.parametrize("exponent", [0.8, 1.0, 1.2])
def test_the_best_list_names_the_most_frequent_kinds(exponent):
    chances = np.arange(1, 100_001) ** -exponent
    chances /= chances.sum()
    for rules in (1, 10, 200, 5000):
        assert listed(float(rules), 1e5, exponent) == pytest.approx(chances[:rules].sum(), rel=3e-3)
    assert listed(0.0, 1e5, exponent) == 0.0 and listed(1e5, 1e5, exponent) == pytest.approx(1.0)


def test_principles_reach_where_a_list_ends_but_not_without_training():
    given = {"sentences": 1e6, "doubt": 0.05, "floor": 0.1, "half": 10.0}
    assert principled(200.0, examples=3e5, **given) > listed(200.0, 1e6, 1.0)
    assert principled(200.0, examples=1e3, **given) == 0.0  # the bound says nothing for so few cases
    wide = principled(200.0, examples=1e15, **given)
    assert wide == pytest.approx(1.0 - misfit(200.0, 0.1, 10.0), abs=1e-4)
    assert misfit(0.0, 0.1, 10.0) == 1.0 and misfit(10.0, 0.1, 10.0) == pytest.approx(0.55)
    count = jnp.logspace(0, 4, 60)
    best = int(jnp.argmax(principled(count, examples=3e5, **given)))
    assert 0 < best < 59  # too few fit little, too many cannot be learned
    assert consistency(0.3, 0.8) == pytest.approx(0.86) and consistency(1.0, 0.0) == 1.0


def test_more_principles_settle_more_than_more_rules():
    assert settled(principles_share=0.9).text_consistency > settled(principles_share=0.0).text_consistency


def test_the_default_is_to_do_the_task():
    assert does_task(0.1, 0.5, False) and not does_task(0.6, 0.5, False) and not does_task(0.0, 0.5, True)
    np.testing.assert_array_equal(does_task(jnp.array([0.1, 0.9]), 0.5, jnp.array([False, False])), [True, False])
