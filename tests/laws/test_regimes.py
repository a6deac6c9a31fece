"""Regimes: a Markov chain whose shares add to one, with its long run and its mean times."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.regimes import STATES, Regimes, after, generator, lasting, watched, years_to_end

RATES = generator(0.1, 0.02, 0.08, 0.01)


def test_rows_add_to_zero_and_shares_to_one():
    np.testing.assert_allclose(RATES.sum(1), 0.0, atol=1e-12)
    for years in (0.1, 5.0, 100.0):
        shares = after(jnp.array([0.7, 0.2, 0.1]), RATES, years)
        assert shares.sum() == pytest.approx(1.0) and jnp.all(shares >= 0.0)


def test_two_steps_are_one():
    one = after(jnp.array([1.0, 0.0, 0.0]), RATES, 10.0)
    np.testing.assert_allclose(after(after(jnp.array([1.0, 0.0, 0.0]), RATES, 4.0), RATES, 6.0), one, rtol=1e-9)


def test_the_long_run_is_where_time_leads():
    np.testing.assert_allclose(lasting(RATES), after(jnp.array([1.0, 0.0, 0.0]), RATES, 2000.0), rtol=1e-6)
    only = generator(0.0, 0.02, 0.08, 0.01)  # two states: shares r/(r + b), as for any pair of rates
    assert lasting(only)[2] == pytest.approx(0.02 / 0.03)


def test_mean_time_to_the_end_is_that_of_chains_drawn():
    entrenched, shielded = years_to_end(RATES)
    assert shielded == pytest.approx(1.0 / 0.08)
    assert entrenched == pytest.approx(1.0 / 0.12 + 0.1 / 0.12 / 0.08)
    rng = np.random.default_rng(0)
    first = rng.exponential(1 / 0.12, 100_000)
    via = rng.random(100_000) < 0.1 / 0.12
    assert entrenched == pytest.approx((first + via * rng.exponential(1 / 0.08, 100_000)).mean(), rel=0.02)


def test_surveillance_lengthens_rule_however_weak_its_models_are():
    assert watched(0.02, 1.5, 0.0) == 0.02 and watched(0.02, 1.5, 1.0) == pytest.approx(0.02 * np.exp(-1.5))


def at_2035(work=0.5, **values):
    law = Regimes(**values)

    def month(shares, _):
        out = law(
            automatable=jnp.asarray(work),
            prev_entrenched=shares[0],
            prev_shielded=shares[1],
            prev_dissolved=shares[2],
            dt=1 / 12,
        )
        return jnp.stack([getattr(out, name) for name in STATES]), None

    return jax.lax.scan(month, jnp.array([1.0, 0.0, 0.0]), None, length=120)[0]


def test_people_are_conserved_and_each_ending_is_where_its_rate_is_high():
    base, split, shield = at_2035(), at_2035(control=5.0, shield=0.0), at_2035(shield=0.6)
    falls = at_2035(dissolve=0.12, control=0.0)
    for shares in (base, split, shield, falls):
        assert shares.sum() == pytest.approx(1.0)
    assert split[0] > base[0] > shield[0] and shield[1] == max(x[1] for x in (base, split, shield, falls))
    assert falls[2] == max(x[2] for x in (base, split, shield, falls))
