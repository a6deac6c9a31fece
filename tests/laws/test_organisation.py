"""The lab: levels and what they lose, two minutes for a decision, and a chief who speaks to all."""

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.organisation import (
    Organisation,
    cascade,
    decision_accuracy,
    fidelity,
    levels,
    span_of,
    time_each,
    understood,
)


def test_levels_of_a_full_tree():
    assert levels(5.0**4, 5.0) == pytest.approx(4.0)
    assert span_of(2500.0, 6.0) == pytest.approx(3.684, abs=5e-4)
    assert levels(2500.0 * 3.684, 3.684) == pytest.approx(7.0, abs=1e-3)  # one level for each factor of the span


def test_a_chain_of_noisy_yes_and_no_is_a_chain_of_channels():
    rng = np.random.default_rng(0)
    turned = (rng.random((200_000, 6)) > 0.9).sum(1) % 2
    assert cascade(0.9, 6.0) == pytest.approx(1.0 - turned.mean(), abs=0.004)
    assert cascade(0.9, 200.0) == pytest.approx(0.5) and cascade(1.0, 6.0) == 1.0
    assert fidelity(0.9, 6.0) == pytest.approx(0.531441)


def test_an_address_to_all_makes_up_for_the_chain():
    assert understood(0.5, 0.9, 0.0) == 0.5 and understood(0.0, 0.9, 1.0) == pytest.approx(0.9)
    assert understood(0.531, 0.9, 0.8) > 0.85


def test_time_for_a_decision_pays_ever_less():
    hours = jnp.linspace(0.01, 4.0, 50)
    assert jnp.all(jnp.diff(decision_accuracy(hours, 1.0), n=2) < 0.0)
    assert decision_accuracy(0.0, 1.0) == 0.5
    assert 60.0 * time_each(62.0 / 60.0, 30.0) == pytest.approx(2.0)


def test_growth_costs_a_level_for_each_factor_of_the_span():
    law = Organisation(growth=jnp.log(3.684), span=3.684)
    people = jnp.asarray(2500.0)
    for _ in range(12):
        out = law(prev_headcount=people, dt=1 / 12)
        people = out.headcount
    assert out.depth == pytest.approx(7.0, abs=1e-3)
    assert out.message_by_chain == pytest.approx(0.9**7, rel=1e-3) and out.understanding > out.message_by_chain
