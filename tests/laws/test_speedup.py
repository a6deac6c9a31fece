"""Research sped up by models: Amdahl and CES, felt and measured, complements that stall, leads that fade."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.maths import log_ces
from gigawatt.mechanisms.automation import amdahl_speedup, ces_speedup, measured_speedup, shared_speedup
from gigawatt.mechanisms.efficiency import algorithmic_step, labour_behind, lead_after, lead_growth, research_input


def test_amdahl_is_the_case_of_an_elasticity_of_one_half():
    share, speed = jnp.linspace(0.0, 0.99, 12)[:, None], jnp.logspace(0.0, 4.0, 9)[None, :]
    assert jnp.allclose(ces_speedup(share, speed, 0.5), amdahl_speedup(share, speed), rtol=1e-12)


def test_ces_limits_cobb_douglas_and_the_slowest_task():
    assert ces_speedup(0.3, 8.0, 1.0) == pytest.approx(8.0**0.3)
    assert ces_speedup(0.3, 8.0, 1.0 + 1e-7) == pytest.approx(8.0**0.3, rel=1e-5)
    assert ces_speedup(0.9, 1e6, 0.02) == pytest.approx(1.0, abs=0.05)  # perfect complements: the slow task decides
    assert ces_speedup(0.3, 8.0, 1e9) == pytest.approx(0.7 + 0.3 * 8.0)  # perfect substitutes: the mean


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 0.99), st.floats(1.0, 1e4), st.floats(0.1, 5.0), st.floats(1.01, 3.0))
def test_easier_substitution_never_slows(share, speed, low, more):
    assert ces_speedup(share, speed, low * more) >= ces_speedup(share, speed, low) * (1.0 - 1e-9)


def test_what_was_felt_and_what_was_measured():
    # Becker et al. (2025): developers felt 20 per cent faster and were 19 per cent slower
    drag = 1.0 - 0.81 / 1.20
    assert measured_speedup(1.20, drag) == pytest.approx(0.81)
    assert measured_speedup(1.20, 0.0) == 1.20


def test_research_by_software_alone_stalls_on_compute_when_the_two_are_complements():
    labour = jnp.logspace(0.0, 12.0, 7)
    stalled = research_input(1.0, labour, 0.4, 0.5)
    assert stalled[-1] == pytest.approx(1.0 / 0.6, rel=1e-6)  # (1 - x)^(1/rho), rho = -1
    assert jnp.all(jnp.diff(stalled) >= 0.0)
    assert research_input(1.0, 1e12, 0.4, 2.0) > 1e9  # substitutes: labour alone carries it
    assert research_input(3.0, 3.0, 0.4, 0.7) == pytest.approx(3.0)  # constant returns to scale


def test_a_closed_loop_explodes_with_substitutes_and_fades_with_complements():
    """Models that speed research in proportion to algorithms, compute held: growth after a hundredfold."""

    def late_growth(substitution):
        level = jnp.asarray(1.0)
        for _ in range(400):
            before = level
            effort = research_input(1.0, level, 0.6, substitution)
            level = algorithmic_step(level, 1.0, effort, 0.9, 1.3, 0.01)
        return float(jnp.log(level / before) / 0.01)

    assert late_growth(3.0) > 1.0 > late_growth(0.4)


def test_slopes_are_finite_where_substitution_passes_one():
    slope = jax.vmap(jax.jacfwd(log_ces, argnums=2), in_axes=(None, None, 0))(0.4, 2.0, jnp.array([0.9, 1.0, 1.1]))
    assert jnp.all(jnp.isfinite(slope))


def test_a_lead_tends_to_gain_over_catch_up_and_composes():
    gain, speedup, leakage, catch_up = 1.0, 1.2, 0.25, 0.5
    limit = gain * (speedup - 1.0) * (1.0 - leakage) / catch_up
    assert lead_after(0.0, speedup, leakage, gain, catch_up, 200.0) == pytest.approx(limit)
    assert lead_growth(limit, speedup, leakage, gain, catch_up) == pytest.approx(0.0)
    once = lead_after(0.4, speedup, leakage, gain, catch_up, 2.0)
    twice = lead_after(lead_after(0.4, speedup, leakage, gain, catch_up, 0.7), speedup, leakage, gain, catch_up, 1.3)
    assert once == pytest.approx(float(twice))
    assert lead_after(0.0, speedup, leakage, gain, 0.0, 2.0) == pytest.approx(2.0 * gain * 0.2 * 0.75)


def test_who_shares_the_leaders_models_is_as_fast():
    assert shared_speedup(1.0, 1.5, 0.0) == 1.0
    assert shared_speedup(1.0, 1.5, 1.0) == 1.5
    assert shared_speedup(1.5, 1.5, 0.3) == 1.5


@settings(max_examples=60, deadline=None)
@given(st.floats(1.0, 1.2), st.floats(0.3, 0.8), st.floats(0.5, 3.0))
def test_labour_behind_a_speedup_undoes_research(total, share, substitution):
    labour = labour_behind(total, share, substitution)
    assert research_input(1.0, labour, share, substitution) == pytest.approx(total, rel=1e-6)


def test_a_speedup_that_complements_forbid_needs_work_without_end():
    assert labour_behind(3.0, 0.4, 0.5) > 1e6
    assert jnp.isfinite(jax.grad(labour_behind)(3.0, 0.4, 0.5))
