"""Checkable work goes on whatever the transfer; the rest follows transfer, and the genius level needs enough of it."""

import jax.numpy as jnp
import pytest

from gigawatt.mechanisms.verification import Verification, reachable_share, unverifiable_coverage


def test_without_transfer_only_checkable_work_is_reached():
    assert reachable_share(0.4, 0.0) == pytest.approx(0.4)
    assert unverifiable_coverage(jnp.linspace(0.0, 1.0, 5), 0.0).sum() == 0.0


def test_full_transfer_reaches_everything_and_half_of_it_half_of_the_rest():
    assert reachable_share(0.4, 1.0) == pytest.approx(1.0)
    assert reachable_share(0.4, 0.5) == pytest.approx(0.4 + 0.3)


def test_the_genius_level_waits_for_transfer():
    law = Verification(enough=0.5)
    assert law(transfer=jnp.asarray(0.49)).whole == 0.0
    assert law(transfer=jnp.asarray(0.5)).whole == 1.0
    assert law(transfer=jnp.asarray(0.2)).reach < law(transfer=jnp.asarray(0.8)).reach
