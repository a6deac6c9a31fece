"""Delays: what is posted comes back, whole, on time, and with a derivative in the delay."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import Buyer, Pipeline, Stock, world

import gigawatt.core.month as month
from gigawatt.core.month import BLOCK, first_slots, simulate
from gigawatt.core.queue import post

STEPS = 50  # no multiple of a block
WORLD = world(Pipeline, Buyer, Stock).set({"buyer.scatter": 0.3})
SHORTEST = BLOCK / 12


@partial(jax.jit, static_argnames="per_year")
def simulated(lead, lever=None, per_year=12):
    """The toy world with a lead time, and with another one in each month where `lever` is given."""
    levers = {} if lever is None else {"pipeline.lead": lever}
    some = WORLD.set({"pipeline.lead": lead})
    return simulate(some, STEPS, per_year, jnp.asarray(2026.0), jax.random.key(1), levers, {}, tuple(some.signals))


def due(ordered, leads, per_year=12):
    """What falls due in each step by plain bookkeeping: backlog evenly over a year, then each order by its lead."""
    slots = np.zeros(STEPS + 1000)
    slots[:per_year] = 3.0
    for m, (amount, lead) in enumerate(zip(np.asarray(ordered), np.broadcast_to(leads, STEPS), strict=True)):
        whole = int(np.floor(lead * per_year))
        part = lead * per_year - whole
        slots[m + whole] += (1.0 - part) * amount
        slots[m + whole + 1] += part * amount
    return slots


leads = st.floats(SHORTEST, 6.0)


@given(leads)
@settings(max_examples=30, deadline=None)
def test_orders_arrive_one_lead_time_later_split_between_the_two_nearest_months(lead):
    got = simulated(lead)
    np.testing.assert_allclose(got["arrived"], due(got["ordered"], lead)[:STEPS], rtol=1e-9, atol=1e-9)


@given(st.lists(leads, min_size=STEPS, max_size=STEPS))
@settings(max_examples=30, deadline=None)
def test_a_lead_time_that_a_lever_moves_holds_for_the_orders_of_its_own_month(path):
    got = simulated(1.0, jnp.asarray(path))
    slots = due(got["ordered"], path)
    np.testing.assert_allclose(got["arrived"], slots[:STEPS], rtol=1e-9, atol=1e-9)
    # stock and waiting share out what was ever ordered, and waiting is what is still to come
    np.testing.assert_allclose(got["waiting"][-1] * 12, slots[STEPS:].sum(), rtol=1e-9, atol=1e-9)
    assert np.all(got["waiting"] >= -1e-9)


@given(st.lists(st.floats(0.0, 1e3), min_size=3, max_size=3), st.lists(st.floats(0.0, 40.0), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_even_past_the_horizon_or_with_too_short_a_delay(amounts, delays):
    first, steps = 6, 12
    slots = post(jnp.zeros(steps + 2), jnp.asarray(amounts), jnp.asarray(first), jnp.asarray(delays))
    assert slots.sum() == pytest.approx(sum(amounts), rel=1e-12, abs=1e-12)
    assert np.all(slots[: first + 3] == 0.0)  # months of this block have run already


def test_amounts_by_lab_are_posted_each_in_its_own_column():
    amounts = jnp.arange(6.0).reshape(3, 2)
    slots = post(jnp.zeros((14, 2)), amounts, jnp.asarray(0), jnp.full(3, 4.5))
    np.testing.assert_allclose(slots.sum(axis=0), amounts.sum(axis=0))
    np.testing.assert_allclose(slots[4:8], [[0.0, 0.5], [1.0, 2.0], [3.0, 4.0], [2.0, 2.5]])


@pytest.mark.parametrize("lead", [0.3, 0.77, 1.51, 2.02])
def test_the_derivative_in_the_lead_time_is_that_of_a_small_change(lead):
    def stock(x):
        return simulated(x)["stock"]

    step = 1e-6
    by_hand = (stock(lead + step) - stock(lead - step)) / (2 * step)
    slope = jax.jacfwd(stock)(lead)
    np.testing.assert_allclose(slope, by_hand, rtol=1e-6, atol=1e-7)
    assert np.any(np.abs(slope) > 0.1)


@pytest.mark.parametrize("block", [1, 2, 6])
def test_the_length_of_a_block_does_not_matter(monkeypatch, block):
    lever = jnp.linspace(0.5, 2.0, STEPS)
    usual = simulated(1.0, lever)
    monkeypatch.setattr(month, "BLOCK", block)
    other = jax.jit(lambda: simulated.__wrapped__(1.0, lever))()
    for name in usual:
        np.testing.assert_allclose(other[name], usual[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_half_the_step_delivers_as_much_by_the_same_date():
    whole, half = simulated(1.21), simulated(1.21, per_year=24)
    # by the end of year 2 the backlog and the orders of the first 0.79 years have come; noise differs by path
    assert whole["stock"][11] == pytest.approx(float(half["stock"][23]), rel=1e-9)


def test_first_slots_add_up_to_what_was_outstanding_whatever_the_step():
    delay = WORLD.delays[0]
    for per_year in (12, 24, 48):
        slots = first_slots(WORLD, delay, 3 * per_year, 1 / per_year)["arrived"]
        assert slots.sum() / per_year == pytest.approx(3.0, rel=1e-12)
        assert slots.shape == (3 * per_year + 2,)
