"""Rungs, tasks within reach and what can be seen."""

import itertools

import jax.numpy as jnp
import pytest

from gigawatt.mechanisms.automation import (
    RUNGS,
    automatable_share,
    coding_rung,
    labour_demand,
)


def test_rungs_are_climbed_in_order_and_none_is_skipped():
    climb = [(0.0, 1.0), (0.9, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, 0.1)]
    tasks = [0.0, 0.0, 0.5, 0.9, 1.0, 1.0, 1.0, 1.0]
    new = [0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5]
    done = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.9]
    got = [coding_rung(c[0], t, n, d, c[1]) for c, t, n, d in zip(climb, tasks, new, done, strict=True)]
    assert got == list(range(len(RUNGS) + 1))
    assert coding_rung(0.95, 1.0, 1.0, 1.0, 0.0) == 1  # not all lines yet


def test_rung_never_falls_when_any_share_rises():
    shares = (0.5, 0.9, 1.0)
    for lines, tasks, done in itertools.product(shares, shares, shares):
        here = coding_rung(lines, tasks, 0.3, done, 0.5)
        assert coding_rung(1.0, tasks, 0.3, done, 0.5) >= here
        assert coding_rung(lines, 1.0, 0.3, done, 0.5) >= here


def test_rungs_take_arrays_and_a_softer_meaning_of_all():
    lines = jnp.asarray([0.5, 0.95, 0.995])
    assert coding_rung(lines, 0.0, 0.0, 0.0, 1.0, whole=0.99).tolist() == [0.0, 1.0, 2.0]


def test_all_tasks_done_is_not_unemployment():
    assert labour_demand(1.0, 0.4, 0.25) == pytest.approx(0.3)
    assert labour_demand(0.0, 0.0, 0.0) == 1.0


def test_half_of_all_tasks_lie_within_the_median():
    assert automatable_share(2.0, 2.0, 1.7) == pytest.approx(0.5)
    assert automatable_share(2.0 * jnp.exp(1.7), 2.0, 1.7) == pytest.approx(0.841345, abs=1e-6)
    assert automatable_share(60.0, 120.0, 1.0) == automatable_share(1.0, 2.0, 1.0)  # minutes or hours
