"""Shocks: hazards and chances undo each other; an outside shock stops progress for as long as it lasts."""

import jax
import jax.numpy as jnp
import pytest

from gigawatt.core.facts import fact
from gigawatt.mechanisms.shocks import ExternalShock, Stall, chance_within, hazard_of, shock_left

DT = 1 / 12


def test_the_stated_five_per_cent_within_ten_years_is_the_entry():
    said = fact("p-external-delay")
    law = ExternalShock()
    assert law.hazard == pytest.approx(float(hazard_of(said.probability, said.value)), rel=1e-3)
    assert law.length == said.value
    assert chance_within(hazard_of(0.05, 10.0), 10.0) == pytest.approx(0.05)
    stated = fact("stall-annual-hazard")
    for by_two, by_one in ((0.20, stated.low), (0.25, stated.high)):
        assert chance_within(hazard_of(by_two, 2.0), 1.0) == pytest.approx(by_one, abs=5e-5)


def path(law, months, seed=0):
    def month(state, luck):
        strike, stall = luck
        out = law(prev_progress=state[0], prev_shock=state[1], uniform_strike=strike, uniform_stall=stall, dt=DT)
        return (out.progress, out.shock), (out.progress, out.shock)

    luck = jax.random.uniform(jax.random.key(seed), (months, 2))
    return jax.lax.scan(month, (jnp.asarray(1.0), jnp.asarray(0.0)), luck)[1]


def test_a_shock_lasts_its_length_and_then_progress_goes_on():
    left = 0.0
    lasts = [left := float(shock_left(left, struck, 2.0, 0.5)) for struck in (True, True, False, False, False, False)]
    assert lasts == [2.0, 1.5, 1.0, 0.5, 0.0, 0.0]
    sure = ExternalShock(hazard=1e9, length=1.0, inner=Stall(hazard=0.0, recovery=0.0))
    progress, shock = path(sure, 6)
    assert jnp.all(progress == 0.0) and shock[0] == 1.0
    over = ExternalShock(hazard=0.0, length=1.0, inner=Stall(hazard=0.0, recovery=0.0))
    ended = over(prev_progress=0.0, prev_shock=DT, uniform_strike=0.5, uniform_stall=0.5, dt=DT)
    assert ended.progress == 1.0 and ended.shock == 0.0


def test_without_shocks_the_inner_law_decides():
    stalls = ExternalShock(hazard=0.0, length=10.0, inner=Stall(hazard=1e9, recovery=0.0))
    progress, shock = path(stalls, 6)
    assert jnp.all(progress == 0.0) and jnp.all(shock == 0.0)
    calm = ExternalShock(hazard=0.0, length=10.0, inner=Stall(hazard=0.0, recovery=0.0))
    assert jnp.all(path(calm, 60)[0] == 1.0)


def test_five_worlds_in_a_hundred_are_struck_within_ten_years():
    law = ExternalShock(inner=Stall(hazard=0.0, recovery=0.0))
    struck = jax.vmap(lambda seed: jnp.any(path(law, 120, seed)[1] > 0.0))(jnp.arange(4000))
    assert jnp.mean(struck) == pytest.approx(0.05, abs=0.012)  # three and a half standard errors
